/** `npm test`: every test of the repository with node:test, phase after phase, as one report with one total. */
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { findTestFiles, type TestPhase, testPhases } from './test-phases.ts';

const root = join(import.meta.dirname, '..', '..');
const counted = ['tests', 'suites', 'passed', 'failed', 'cancelled', 'skipped', 'todo'] as const;
type Counts = Record<(typeof counted)[number], number>;

const totals: Counts = { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 };
const report = new spec();
report.pipe(process.stdout);
const say = (message: string) =>
  report.write({ type: 'test:diagnostic', data: { nesting: 0, message, level: 'info' } });

async function runPhase(phase: TestPhase): Promise<boolean> {
  const limit = AbortSignal.timeout(phase.phaseMsMax);
  const events = run({
    files: phase.files.map((file) => join(root, file)),
    cwd: root,
    concurrency: phase.concurrency,
    execArgv: [`--test-timeout=${phase.testMsMax}`],
    signal: limit,
  });
  let isGreen = false;
  for await (const event of events) {
    if (event.type === 'test:summary') {
      if (event.data.file !== undefined) continue;
      isGreen = event.data.success;
      for (const name of counted) totals[name] += event.data.counts[name];
      continue;
    }
    // The totals of one phase; those of all of them come at the end.
    const isTotal = event.type === 'test:diagnostic' && event.data.file === undefined;
    if (!isTotal) report.write(event);
  }
  if (limit.aborted) say(`${phase.name}: stopped after ${phase.phaseMsMax / 60_000} minutes`);
  return isGreen && !limit.aborted;
}

const startedAt = performance.now();
const phases = testPhases(findTestFiles(root), process.argv.slice(2));
let isGreen = phases.length > 0;
for (const phase of phases) {
  say(`${phase.name} tests: ${phase.files.length} files, ${phase.concurrency} at once`);
  isGreen = (await runPhase(phase)) && isGreen;
}
if (phases.length === 0) say('no test file fits');
say(`tests ${totals.tests}`);
say(`suites ${totals.suites}`);
say(`pass ${totals.passed}`);
say(`fail ${totals.failed}`);
say(`cancelled ${totals.cancelled}`);
say(`skipped ${totals.skipped}`);
say(`todo ${totals.todo}`);
say(`duration_ms ${performance.now() - startedAt}`);
report.end();
process.exitCode = isGreen ? 0 : 1;
