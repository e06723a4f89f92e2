/** What each command of package.json runs once set-up is done, on Node.js 24. */
export const commands = Object.freeze({
  start: { entry: 'tools/stack/src/main.ts', summary: 'run the local stack and its main job' },
  test: {
    entry: 'tools/gate/test-main.ts',
    summary: 'run every test, or those below the paths that are named',
  },
  check: {
    entry: 'tools/gate/check-main.ts',
    summary: 'types, Biome, rules of the house, dead code, generated files',
  },
  bench: { entry: 'tools/bench/src/main.ts', summary: 'measure, beside the raw limits of the same run' },
  fault: {
    entry: 'services/audit/testing/kill-main.ts',
    summary: 'kill the writer of the log 200 times under load, and check all of it after each',
  },
  generate: {
    entry: 'packages/contracts/src/generate/main.ts',
    summary: 'write what derives from the catalogues',
  },
  reset: { entry: 'tools/stack/src/reset-main.ts', summary: 'remove the state of the local stack' },
  setup: { entry: undefined, summary: 'bring what is missing, and run nothing' },
});

/**
 * @param {string | undefined} name
 * @returns {name is keyof typeof commands}
 */
export const isCommand = (name) => name !== undefined && Object.hasOwn(commands, name);

export function usage() {
  const rows = Object.entries(commands).map(
    ([name, { summary }]) => `  npm run ${name.padEnd(9)} ${summary}`,
  );
  return ['usage: node tools/setup/run.mjs <command> [parameters]', ...rows].join('\n');
}
