/**
 * The PKCS#11 module of NSS, on which the adapter of the HSM is tested beside SoftHSM. Debian 12's knows no Ed25519, so that
 * of a newer release is unpacked inside the repository; it does with the older system's libraries. Only tests need it.
 */
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unpackDebianPackage } from '../debian-package.mjs';
import { linkTool } from '../link-tool.mjs';
import { toolFolder } from '../places.mjs';
import { SetUpProblem } from '../problem.mjs';
import { tryCommand } from '../run-command.mjs';
import { isAtLeast, readVersion } from '../version.mjs';
import { install } from './system-packages.mjs';

const file = 'libsoftokn3.so';
const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
const folder = join('usr', 'lib', triplet);

const libraries = {
  name: 'NSPR and SQLite',
  packages: ['libnspr4', 'libsqlite3-0'],
  isThere: () => ['libnspr4.so', 'libsqlite3.so.0'].every((name) => existsSync(join('/', folder, name))),
};

/** @param {string} text a version with Debian's epoch */
const hasEd25519 = (text) => {
  const version = readVersion(text.replace(/^\d+:/, ''));
  return version !== undefined && isAtLeast(version, [3, 110, 0]);
};

/**
 * Whether the system has every library, at a version that the module can do with.
 * @param {string} module
 */
async function loads(module) {
  if (!existsSync(module)) return false;
  const path = dirname(realpathSync(module));
  const { status, output } = await tryCommand('ldd', [module], { env: { LD_LIBRARY_PATH: path } });
  return status === 0 && !output.includes('not found');
}

/** @type {import('../set-up.mjs').Step} */
export const nss = {
  name: 'NSS',
  // Both unpack packages of a newer release in the same folder.
  after: ['system packages', 'nats-server'],
  async missing() {
    return (await loads(join(toolFolder, file))) ? undefined : 'no PKCS#11 module of NSS';
  },
  async provide() {
    if (!libraries.isThere()) await install([libraries]);
    const module = await unpackDebianPackage('libnss3', join(folder, file), hasEd25519);
    if (module !== undefined && (await loads(module))) {
      linkTool(file, module);
      return;
    }
    throw new SetUpProblem('there is no PKCS#11 module of NSS 3.110 or later that loads here', [
      `link ${join(toolFolder, file)} to the ${file} of an NSS that is installed elsewhere`,
    ]);
  },
  found: () => dirname(realpathSync(join(toolFolder, file))),
};
