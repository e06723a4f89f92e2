/**
 * The independent reader of the log that tests run: Go's own implementation of tiles, notes and proofs, built from the
 * module beside those tests. It says itself which files it was built from.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildFolderWithGo } from '../go-install.mjs';
import { linkTool } from '../link-tool.mjs';
import { root, toolFolder } from '../places.mjs';
import { SetUpProblem } from '../problem.mjs';
import { findProgram, tryCommand } from '../run-command.mjs';
import { install } from './system-packages.mjs';

const name = 'tlog-check';
const folder = join(root, 'services', 'audit', 'test', 'go-tlog');
/** Debian's is old, and enough for a module that asks for 1.18. */
const go = {
  name: 'Go 1.18 or later',
  packages: ['golang-go'],
  isThere: () => findProgram('go') !== undefined,
};

function sourceHash() {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'main.go', 'cosigner.go'])
    hash.update(readFileSync(join(folder, file)));
  return hash.digest('hex');
}

/** @type {import('../set-up.mjs').Step} */
export const tlogCheck = {
  name: 'Go log reader',
  after: ['system packages'],
  async missing() {
    const { status, output } = await tryCommand(join(toolFolder, name), ['-version']);
    if (status !== 0) return 'not built';
    return output.trim() === sourceHash() ? undefined : 'built from other files';
  },
  async provide() {
    if (!go.isThere()) await install([go]);
    const program = await buildFolderWithGo(folder, name, `-X main.source=${sourceHash()}`);
    if (program === undefined) throw new SetUpProblem('there is no Go', ['install Go 1.18 or later']);
    linkTool(name, program);
  },
  found: () => 'built from golang.org/x/mod/sumdb',
};
