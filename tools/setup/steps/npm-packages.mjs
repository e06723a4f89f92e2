/**
 * The packages of the lockfile, exact versions with their hashes, without running any of their scripts. Whether they
 * are there is read from npm's own record of what it unpacked, so nothing has to be remembered between runs.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { modules, root, setUpHome } from '../places.mjs';
import { SetUpProblem } from '../problem.mjs';
import { findProgram, runCommand } from '../run-command.mjs';

/**
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {boolean} [link]
 * @property {boolean} [optional]
 * @property {string | string[]} [os]
 * @property {string | string[]} [cpu]
 * @property {string | string[]} [libc]
 */

/** @typedef {Record<string, LockedPackage>} LockedPackages */

/**
 * What of the lockfile is not unpacked. An optional package may be absent where it is made for another machine.
 * @param {LockedPackages} locked
 * @param {LockedPackages} unpacked
 * @param {(path: string) => boolean} isThere
 */
export function missingPackages(locked, unpacked, isThere) {
  return Object.entries(locked)
    .filter(([path, wanted]) => {
      if (!path.startsWith('node_modules/')) return false;
      const found = unpacked[path];
      if (found === undefined) return !(wanted.optional ?? false) || isRuntime(path, wanted);
      return found.version !== wanted.version || found.integrity !== wanted.integrity || !isThere(path);
    })
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
}

/**
 * Node.js itself is an optional package, since its name holds the platform. Where one is made for this machine it is
 * needed.
 * @param {string} path
 * @param {LockedPackage} wanted
 */
function isRuntime(path, wanted) {
  return (
    path.startsWith('node_modules/node-') &&
    [wanted.os].flat().includes(process.platform) &&
    [wanted.cpu].flat().includes(process.arch)
  );
}

/**
 * @param {string} file
 * @returns {LockedPackages}
 */
const readPackages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

function findMissing() {
  const record = join(modules, '.package-lock.json');
  const unpacked = existsSync(record) ? readPackages(record) : {};
  return missingPackages(readPackages(join(root, 'package-lock.json')), unpacked, (path) =>
    existsSync(join(root, path, 'package.json')),
  );
}

/** npm's own folder for downloads and logs stays as it is: set-up has one inside the repository. */
export const npmEnvironment = {
  npm_config_cache: join(setUpHome, 'npm'),
  npm_config_update_notifier: 'false',
  NODE_ENV: undefined,
};

/** @returns {string} */
export function npm() {
  const program = findProgram('npm');
  if (program === undefined) {
    throw new SetUpProblem('npm is not on the search path', ['install Node.js 20 or later with npm']);
  }
  return program;
}

/** @type {import('../set-up.mjs').Step} */
export const npmPackages = {
  name: 'npm packages',
  missing() {
    const missing = findMissing();
    if (missing.length === 0) return undefined;
    return missing.length > 3 ? `${missing.length} packages` : missing.join(', ');
  },
  async provide() {
    const flags = ['--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
    await runCommand('npm-ci', npm(), ['ci', ...flags], { env: npmEnvironment });
  },
  found: () => `${Object.keys(readPackages(join(modules, '.package-lock.json'))).length} as locked`,
};
