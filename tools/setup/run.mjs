/**
 * The one entry of every command: brings what the machine lacks, then runs the command on Node.js 24. Plain JavaScript
 * without packages, because it runs on Node.js 20 before anything is installed.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { commands, isCommand, usage } from './commands.mjs';
import { alone } from './lock.mjs';
import { root, setUpHome } from './places.mjs';
import { makeReport } from './report.mjs';
import { isAnythingMissing, setUp } from './set-up.mjs';
import { nativeAddon } from './steps/native-addon.mjs';
import { natsServer } from './steps/nats-server.mjs';
import { nodeProgram, nodeRuntime } from './steps/node-runtime.mjs';
import { npmPackages } from './steps/npm-packages.mjs';
import { nss } from './steps/nss.mjs';
import { postgresBinaries } from './steps/postgres-binaries.mjs';
import { systemPackages } from './steps/system-packages.mjs';
import { tlogCheck } from './steps/tlog-check.mjs';

const everydaySteps = [npmPackages, systemPackages, natsServer, nodeRuntime, postgresBinaries, nativeAddon];
/** What only tests need. */
const testSteps = [tlogCheck, nss];
const print = (/** @type {string} */ line) => console.log(line);

/**
 * @param {readonly import('./set-up.mjs').Step[]} steps
 * @returns {Promise<boolean>}
 */
async function prepare(steps) {
  const report = makeReport(print);
  const startedAt = performance.now();
  print('Strongroom set-up');
  const run = () => setUp(steps, report);
  const wait = (/** @type {number} */ holder) => print(`  …  waiting for another set-up (process ${holder})`);
  const problems = (await isAnythingMissing(steps)) ? await alone(setUpHome, wait, run) : await run();
  if (problems.length > 0) {
    report.problems(problems);
    return false;
  }
  report.done(performance.now() - startedAt);
  return true;
}

/**
 * Hands over to Node.js 24 and takes its status. Signals go on to it: it decides how to stop.
 * @param {string} entry
 * @param {readonly string[]} parameters
 */
function handOver(entry, parameters) {
  // Code that was compiled once starts in half the time, in this process and in those that it starts.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(setUpHome, 'compile-cache') };
  const child = spawn(nodeProgram(), [join(root, entry), ...parameters], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (fault) => {
    console.error(String(fault));
    process.exitCode = 1;
  });
  child.on('exit', (status, signal) => {
    process.exitCode = signal === null ? (status ?? 1) : 1;
  });
}

const [command, ...parameters] = process.argv.slice(2);
if (!isCommand(command)) {
  print(usage());
  process.exitCode = 2;
} else if (
  await prepare(command === 'test' || command === 'setup' ? [...everydaySteps, ...testSteps] : everydaySteps)
) {
  const { entry } = commands[command];
  if (entry !== undefined) handOver(entry, parameters);
} else {
  process.exitCode = 1;
}
