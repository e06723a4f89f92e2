/**
 * nats-server at one of the accepted versions. Debian 12 has an older one, so it comes from the first of: the search
 * path, the signed package of a newer Debian release unpacked inside the repository, Go's module registry.
 */
import { join } from 'node:path';
import { unpackDebianPackage } from '../debian-package.mjs';
import { buildWithGo } from '../go-install.mjs';
import { linkTool } from '../link-tool.mjs';
import { toolFolder } from '../places.mjs';
import { SetUpProblem } from '../problem.mjs';
import { findProgram, tryCommand } from '../run-command.mjs';
import { isNatsServerAccepted, natsServerRule, readVersion } from '../version.mjs';

const module = 'github.com/nats-io/nats-server/v2@v2.15.2';

/** @param {string} text */
const isAccepted = (text) => {
  const version = readVersion(text);
  return version !== undefined && isNatsServerAccepted(version);
};

/** @param {string} program */
async function readProgramVersion(program) {
  const { status, output } = await tryCommand(program, ['--version']);
  return status === 0 ? output.trim() : '';
}

/** @type {readonly { name: string, bring: () => Promise<string | undefined> }[]} */
const sources = [
  { name: 'search path', bring: async () => findProgram('nats-server') },
  {
    name: 'package of a newer Debian release',
    bring: () => unpackDebianPackage('nats-server', 'usr/sbin/nats-server', isAccepted),
  },
  { name: 'Go module registry', bring: () => buildWithGo(module, 'nats-server') },
];

let version = '';

/** @type {import('../set-up.mjs').Step} */
export const natsServer = {
  name: 'nats-server',
  async missing() {
    if (process.env['STRONGROOM_NATS_URL'] !== undefined) return undefined;
    const text = await readProgramVersion(join(toolFolder, 'nats-server'));
    version = readVersion(text)?.join('.') ?? '';
    return isAccepted(text) ? undefined : 'no accepted version yet';
  },
  async provide() {
    /** @type {string[]} */
    const tried = [];
    for (const { name, bring } of sources) {
      try {
        const program = await bring();
        const text = program === undefined ? '' : await readProgramVersion(program);
        if (program !== undefined && isAccepted(text)) {
          linkTool('nats-server', program);
          return;
        }
        tried.push(`${name}: ${text === '' ? 'none' : `${text} is refused`}`);
      } catch (problem) {
        if (!(problem instanceof SetUpProblem)) throw problem;
        tried.push(`${name}: ${problem.message}`, ...problem.advice.map((line) => `  ${line}`));
      }
    }
    throw new SetUpProblem(`there is no ${natsServerRule}`, [
      ...tried,
      `install ${natsServerRule} on the search path, or Go 1.21 or later and set-up builds it`,
      '  or set STRONGROOM_NATS_URL=nats://host:port for a server that is running',
    ]);
  },
  found: () => (version === '' ? 'STRONGROOM_NATS_URL' : version),
};
