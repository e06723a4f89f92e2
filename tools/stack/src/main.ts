/**
 * `npm start`: the local stack and its main job. With `--once` everything stops after the job and the job's status is
 * this process's; else the stack runs until Ctrl-C. With `--no-job` the stack alone. `--needs` only says what servers that
 * run already need before a stack can use them.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { readExistingServers } from './engines/existing-server.ts';
import { describeNeeds } from './engines/needs.ts';
import { runMainJob } from './main-job/run-main-job.ts';
import { StackProblem } from './stack-problem.ts';
import { type Stack, startStack } from './start-stack.ts';

const { argv, env } = process;
const { values: flags } = parseArgs({
  args: argv.slice(2),
  options: {
    once: { type: 'boolean', default: false },
    'no-job': { type: 'boolean', default: false },
    needs: { type: 'boolean', default: false },
  },
});
const home = env['STRONGROOM_HOME'] ?? join(import.meta.dirname, '..', '..', '..', '.strongroom');
const print = (line: string) => console.log(line);
const seconds = (ms: number) => `${(ms / 1_000).toFixed(2).padStart(6)} s`;

/** Asked to stop; asking again changes nothing, since stopping is bounded anyway. */
const asked = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => asked.abort(new StackProblem('stopped before it was ready')));
}

function tell(problem: unknown): void {
  if (!(problem instanceof StackProblem)) throw problem;
  console.error(`\n${problem.message}`);
  for (const line of problem.lines) console.error(`  | ${line}`);
}

async function start(): Promise<Stack | undefined> {
  print('Strongroom stack');
  const startedMs = performance.now();
  try {
    const stack = await startStack({
      home,
      existing: readExistingServers(env),
      report: (part, ms) => print(`  ✓  ${seconds(ms)}  ${part}`),
      signal: asked.signal,
    });
    print(`  all ready${seconds(performance.now() - startedMs)}\n`);
    return stack;
  } catch (problem) {
    tell(problem);
    return undefined;
  }
}

/** `false`: the job failed, or a process of the stack ended while it ran. */
async function work(stack: Stack): Promise<boolean> {
  if (flags['no-job']) return true;
  const job = runMainJob({ info: stack.info, profile: stack.profile, print });
  return Promise.race([job, ended(stack).then(() => false)]);
}

/** Resolves when the stack has to stop: somebody asked, or one of its processes is gone. */
async function ended(stack: Stack): Promise<StackProblem | undefined> {
  if (asked.signal.aborted) return undefined;
  return Promise.race([once(asked.signal, 'abort').then(() => undefined), stack.failure]);
}

const stack = flags.needs ? undefined : await start();
if (flags.needs) {
  for (const line of await describeNeeds(home)) print(line);
} else if (stack === undefined) {
  process.exitCode = 1;
} else {
  let isGreen = await work(stack);
  if (!flags.once && !asked.signal.aborted) {
    print(`\nThe stack runs: ${stack.info.gatewayUrl}, logs in ${stack.info.logDir}. Ctrl-C stops it.`);
  }
  const failure = flags.once
    ? await Promise.race([stack.failure, Promise.resolve(undefined)])
    : await ended(stack);
  if (failure !== undefined) {
    tell(failure);
    isGreen = false;
  }
  const stoppedMs = performance.now();
  await stack.stop();
  print(`stopped${seconds(performance.now() - stoppedMs)}`);
  process.exitCode = isGreen ? 0 : 1;
}
