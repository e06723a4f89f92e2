/**
 * One package of a newer Debian release, unpacked inside the repository. apt does the work, with an own list of
 * sources and own folders: signatures and hashes are checked as ever, and the system's sources, lists and installed
 * packages stay as they are. No root is needed.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { release } from './host.mjs';
import { setUpHome } from './places.mjs';
import { findProgram, runCommand, tryCommand } from './run-command.mjs';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Tried in this order. A name keeps its meaning for ever, unlike `testing`; sid has whatever was uploaded last. */
const newerReleases = ['forky', 'sid'];

/**
 * The mirror that the machine uses for its own release; none is assumed.
 * @param {string} targets lines of `apt-get indextargets`: repository, release and component
 * @param {string} codename
 */
export function readMirror(targets, codename) {
  for (const line of targets.split('\n')) {
    const [repository, name, component] = line.split(' ');
    if (repository !== undefined && name === codename && component === 'main') return repository;
  }
  return undefined;
}

/**
 * The versions that apt would install, the newest first.
 * @param {string} listing of `apt-cache madison`
 */
export const readVersions = (listing) =>
  listing.split('\n').flatMap((line) => {
    const version = line.split('|')[1]?.trim();
    return version === undefined ? [] : [version];
  });

/**
 * @param {string} name of the package
 * @param {string} program path inside it
 * @param {(version: string) => boolean} isAccepted
 * @returns {Promise<string | undefined>} the program, or `undefined` where no release offers an accepted version
 */
export async function unpackDebianPackage(name, program, isAccepted) {
  const here = release();
  if (here.id !== 'debian' || findProgram('dpkg') === undefined || !existsSync(keyring)) return undefined;
  const format = ['--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Created-By: Packages'];
  const { output } = await tryCommand('apt-get', ['indextargets', ...format]);
  const mirror = readMirror(output, here.codename);
  if (mirror === undefined) return undefined;
  for (const newer of newerReleases) {
    const home = join(setUpHome, 'debian', newer);
    try {
      const version = await findVersion(home, mirror, newer, name, isAccepted);
      if (version === undefined) continue;
      return await unpack(home, name, version, program);
    } finally {
      // The package lists are large, and old as soon as they are used again.
      rmSync(home, { recursive: true, force: true });
    }
  }
  return undefined;
}

/**
 * @param {string} home
 * @param {string} mirror
 * @param {string} newer
 * @param {string} name
 * @param {(version: string) => boolean} isAccepted
 */
async function findVersion(home, mirror, newer, name, isAccepted) {
  for (const folder of ['lists/partial', 'cache/archives/partial', 'state']) {
    mkdirSync(join(home, folder), { recursive: true });
  }
  writeFileSync(join(home, 'status'), '');
  writeFileSync(join(home, 'sources.list'), `deb [signed-by=${keyring}] ${mirror} ${newer} main\n`);
  await runCommand(`apt-get-update-${newer}`, 'apt-get', [...ownFolders(home), 'update']);
  const listing = await runCommand(`apt-cache-${newer}`, 'apt-cache', [...ownFolders(home), 'madison', name]);
  return readVersions(listing).find(isAccepted);
}

/**
 * @param {string} home
 * @param {string} name
 * @param {string} version
 * @param {string} program
 */
async function unpack(home, name, version, program) {
  const from = [...ownFolders(home), 'download', `${name}=${version}`];
  await runCommand(`apt-get-download-${name}`, 'apt-get', from, { cwd: home });
  const file = readdirSync(home).find((entry) => entry.startsWith(`${name}_`) && entry.endsWith('.deb'));
  if (file === undefined) return undefined;
  const unpacked = join(setUpHome, 'packages', `${name}-${version.replaceAll(/[^\w.+-]/g, '_')}`);
  mkdirSync(join(setUpHome, 'packages'), { recursive: true });
  await runCommand(`dpkg-${name}`, 'dpkg', ['-x', join(home, file), unpacked]);
  return join(unpacked, program);
}

/** @param {string} home */
function ownFolders(home) {
  const options = {
    'Dir::Etc::sourcelist': join(home, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State': join(home, 'state'),
    'Dir::State::lists': join(home, 'lists'),
    'Dir::State::status': join(home, 'status'),
    'Dir::Cache': join(home, 'cache'),
    'Acquire::Languages': 'none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    // apt drops to its own user, who may not see this folder.
    'APT::Sandbox::User': 'root',
  };
  return ['-q', ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}
