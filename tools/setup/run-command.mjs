import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { logFolder, root } from './places.mjs';
import { SetUpProblem } from './problem.mjs';

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] on top of this process's own; `undefined` takes a variable out
 * @property {boolean} [terminal] let the command talk to the person, for a password
 */

/**
 * @typedef {object} CommandOutcome
 * @property {number} status 0 when it succeeded, 127 when it could not be started
 * @property {string} output both streams, as they came
 */

/**
 * Runs a command to its end. Never throws: a missing program is an outcome like any other.
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {CommandOptions} [options]
 * @returns {Promise<CommandOutcome>}
 */
export function tryCommand(program, parameters, options = {}) {
  return new Promise((resolve) => {
    const env = { ...process.env, ...options.env };
    for (const [name, value] of Object.entries(env)) if (value === undefined) delete env[name];
    const child = spawn(program, parameters, {
      cwd: options.cwd ?? root,
      env,
      stdio: [options.terminal === true ? 'inherit' : 'ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (/** @type {string} */ text) => {
      output += text;
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => resolve({ status: 127, output: String(error.message) }));
    child.on('close', (code) => resolve({ status: code ?? 1, output }));
  });
}

/**
 * Runs a command that has to succeed; its output goes to `.setup/logs/<log>.log`.
 * @param {string} log
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {CommandOptions} [options]
 * @returns {Promise<string>} the output
 */
export async function runCommand(log, program, parameters, options) {
  const { status, output } = await tryCommand(program, parameters, options);
  mkdirSync(logFolder, { recursive: true });
  const file = join(logFolder, `${log}.log`);
  writeFileSync(file, `$ ${[program, ...parameters].join(' ')}\n${output}`);
  if (status === 0) return output;
  throw new SetUpProblem(`${program} ended with status ${status}`, [
    ...output.trimEnd().split('\n').slice(-12),
    `(all of it: ${file})`,
  ]);
}

/**
 * The first executable file of that name on the search path.
 * @param {string} name
 * @param {string} [path]
 * @returns {string | undefined}
 */
export function findProgram(name, path = process.env['PATH'] ?? '') {
  // Debian keeps servers in sbin, which is not on everybody's path.
  for (const folder of [...path.split(delimiter), '/usr/sbin', '/usr/local/sbin']) {
    if (folder === '') continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // Not there, or not ours to run: the next folder may have it.
    }
  }
  return undefined;
}
