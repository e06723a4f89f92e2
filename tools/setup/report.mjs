/** What set-up prints: one line a step with its time, and at the end what a person has to do, if anything. */

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(2).padStart(6)} s`;

/** @param {(line: string) => void} print */
export const makeReport = (print) => ({
  /** @param {string} name @param {string} missing */
  begins: (name, missing) => print(`  …  ${name.padEnd(16)} missing: ${missing}`),

  /** @param {string} name @param {import('./set-up.mjs').Result} result @param {number} ms */
  ends(name, result, ms) {
    const mark = { present: '✓', provided: '+', failed: '✗', skipped: '-' }[result.state];
    print(`  ${mark}  ${name.padEnd(16)} ${seconds(ms)}  ${describe(result)}`);
  },

  /** @param {readonly import('./problem.mjs').SetUpProblem[]} problems */
  problems(problems) {
    print('\nSet-up is not complete.');
    for (const problem of problems) {
      print(`\n${problem.message}`);
      for (const line of problem.advice) print(`  ${line}`);
    }
  },

  /** @param {number} ms */
  done: (ms) => print(`  set-up done${seconds(ms)}\n`),
});

/** @param {import('./set-up.mjs').Result} result */
function describe(result) {
  if (result.state === 'failed') return result.problem.message.split('\n')[0] ?? '';
  if (result.state === 'skipped') return `waits for ${result.waitsFor}`;
  return result.found;
}
