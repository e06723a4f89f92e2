/**
 * Node.js 24: the payload package of the lockfile where there is one for this machine, else the Node.js that runs
 * set-up. It is named by its path everywhere; the search path is never relied on, since shells remember what they
 * found there before the package existed.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { modules } from '../places.mjs';
import { SetUpProblem } from '../problem.mjs';
import { tryCommand } from '../run-command.mjs';
import { isNodeAccepted, readVersion } from '../version.mjs';

/** The package with `bin/node` and the headers that native addons are compiled against. */
export const runtimePackage = join(modules, `node-${process.platform}-${process.arch}`);

export function nodeProgram() {
  const packaged = join(runtimePackage, 'bin', 'node');
  return existsSync(packaged) ? packaged : process.execPath;
}

let version = '';

/** @type {import('../set-up.mjs').Step} */
export const nodeRuntime = {
  name: 'Node.js 24',
  after: ['npm packages'],
  async missing() {
    const { status, output } = await tryCommand(nodeProgram(), ['--version']);
    version = output.trim();
    const found = readVersion(version);
    return status === 0 && found !== undefined && isNodeAccepted(found) ? undefined : `found ${version}`;
  },
  async provide() {
    throw new SetUpProblem(`no packaged Node.js runs on ${process.platform} ${process.arch}`, [
      'install Node.js 24 or later and call set-up with it: npm takes the `node` that comes first on the search path',
    ]);
  },
  found: () => version,
};
