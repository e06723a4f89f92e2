/**
 * Servers and compilers from the system's own package registry. Only what is missing is asked for, and nothing else
 * than packages changes: Redis comes from `redis-tools`, which holds the same program as `redis-server` (one binary
 * that acts by the name it is called by) without the service that the latter starts and enables.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { release, rootPrefix, usesApt } from '../host.mjs';
import { linkTool } from '../link-tool.mjs';
import { toolFolder } from '../places.mjs';
import { SetUpProblem } from '../problem.mjs';
import { findProgram, runCommand, tryCommand } from '../run-command.mjs';
import { isRedisAccepted, readVersion } from '../version.mjs';
import { isAddonBuilt } from './native-addon.mjs';

/**
 * @typedef {object} Piece
 * @property {string} name
 * @property {readonly string[]} packages of Debian that bring it
 * @property {string} [instead] how to do without
 * @property {() => Promise<boolean> | boolean} isThere
 */

const moduleFiles = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
];

function findPkcs11Module() {
  const configured = process.env['STRONGROOM_PKCS11_MODULE'];
  return (configured === undefined ? moduleFiles : [configured]).find((file) => existsSync(file));
}

/** @param {string | undefined} program */
async function isRedisServer(program) {
  if (program === undefined) return false;
  const { status, output } = await tryCommand(program, ['--version']);
  const version = readVersion(output);
  return status === 0 && version !== undefined && isRedisAccepted(version);
}

/** Makes `.setup/bin/redis-server` of whichever package the program came with. */
async function linkRedis() {
  for (const program of [findProgram('redis-server'), findProgram('redis-check-rdb')]) {
    if (program !== undefined && (await isRedisServer(linkTool('redis-server', program)))) return;
  }
}

/** @returns {readonly Piece[]} */
export function pieces() {
  const compiler = (/** @type {string} */ program, /** @type {string} */ name) => ({
    name: program,
    packages: [name],
    isThere: () => isAddonBuilt() || findProgram(program) !== undefined,
  });
  return [
    {
      name: 'SoftHSM',
      packages: ['softhsm2'],
      instead: 'STRONGROOM_PKCS11_MODULE=<path of a PKCS#11 module> for one that is installed elsewhere',
      isThere: () => findPkcs11Module() !== undefined,
    },
    {
      name: 'Redis 7 or later',
      packages: ['redis-tools'],
      instead: 'STRONGROOM_REDIS_URL=redis://user:password@host:port for a server that is running',
      isThere: async () =>
        process.env['STRONGROOM_REDIS_URL'] !== undefined ||
        (await isRedisServer(join(toolFolder, 'redis-server'))),
    },
    { name: 'openssl', packages: ['openssl'], isThere: () => findProgram('openssl') !== undefined },
    {
      name: 'ssh-keygen',
      packages: ['openssh-client'],
      isThere: () => findProgram('ssh-keygen') !== undefined,
    },
    compiler('c++', 'g++'),
    compiler('make', 'make'),
    compiler('python3', 'python3'),
  ];
}

/** @returns {Promise<Piece[]>} */
async function missingPieces() {
  const found = await Promise.all(pieces().map(async (piece) => ({ piece, isThere: await piece.isThere() })));
  return found.filter(({ isThere }) => !isThere).map(({ piece }) => piece);
}

/** @param {readonly Piece[]} missing */
export function advice(missing, packageTool = 'the package manager of this system') {
  return missing.flatMap((piece) => [
    `install ${piece.name} with ${packageTool} (Debian: apt-get install ${piece.packages.join(' ')})`,
    ...(piece.instead === undefined ? [] : [`  or set ${piece.instead}`]),
  ]);
}

/** @type {import('../set-up.mjs').Step} */
export const systemPackages = {
  name: 'system packages',
  async missing() {
    const missing = await missingPieces();
    return missing.length === 0 ? undefined : missing.map((piece) => piece.name).join(', ');
  },
  async provide() {
    await linkRedis();
    await install(await missingPieces());
    await linkRedis();
  },
  found: () =>
    pieces()
      .map((piece) => piece.name)
      .join(', '),
};

/** @param {readonly Piece[]} missing */
export async function install(missing) {
  if (missing.length === 0) return;
  const here = release();
  if (!usesApt(here)) throw new SetUpProblem(`set-up installs nothing on ${here.name}`, advice(missing));
  const prefix = await rootPrefix();
  if (prefix === undefined) {
    throw new SetUpProblem(
      'packages are missing, and there is neither root nor sudo',
      advice(missing, 'apt-get'),
    );
  }
  const packages = missing.flatMap((piece) => piece.packages);
  const apt = aptGet(prefix);
  // The lists of a fresh machine are empty, those of an old one name files that are gone: then once more with new lists.
  const first = await apt.install(packages);
  if (first.status === 0) return;
  await runCommand('apt-get-update', ...apt.update());
  await runCommand('apt-get-install', ...apt.installCommand(packages));
}

/**
 * apt-get without questions: no configuration dialogues, no restart of other services, and patience with another apt.
 * @param {readonly string[]} prefix
 */
function aptGet(prefix) {
  const line = [
    ...prefix,
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'NEEDRESTART_SUSPEND=1',
    'LC_ALL=C.UTF-8',
    'apt-get',
    '-q',
    '-o',
    'DPkg::Lock::Timeout=120',
  ];
  const [program = 'env', ...words] = line;
  const options = { terminal: true };
  /** @param {readonly string[]} packages */
  const installCommand = (packages) =>
    /** @type {const} */ ([
      program,
      [...words, 'install', '-y', '--no-install-recommends', ...packages],
      options,
    ]);
  return {
    installCommand,
    install: (/** @type {readonly string[]} */ packages) => tryCommand(...installCommand(packages)),
    update: () => /** @type {const} */ ([program, [...words, 'update'], options]),
  };
}
