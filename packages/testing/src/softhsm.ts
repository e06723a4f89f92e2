/**
 * A SoftHSM token of its own: its own configuration, its own directory, a random PIN in a file of mode 0600. For tests and for
 * the local stack; a real device is initialised by its vendor's tools.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTemporaryDirectory } from './temporary-directory.ts';
import { findTool } from './tool.ts';

export interface SoftHsmToken {
  /** The PKCS#11 module to load. */
  readonly module: string;
  /** What a process must have in its environment before it initialises the module. */
  readonly env: { readonly SOFTHSM2_CONF: string };
  readonly tokenLabel: string;
  readonly serial: string;
  readonly pinFile: string;
  readonly directory: string;
  /** What SoftHSM keeps the token in; moved away, the token is gone. */
  readonly tokenDirectory: string;
  /** Removes the directory if it was made for this token; one that the caller named stays. */
  stop(): Promise<void>;
}

export interface SoftHsmOptions {
  /** Where the token lives; one that is there already is described, not made again. */
  readonly directory?: string;
  readonly tokenLabel?: string;
}

const modulePlaces = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
];

/** The module that `STRONGROOM_PKCS11_MODULE` names, else the one of the system's package. */
export function findSoftHsmModule(): string {
  const path = process.env['STRONGROOM_PKCS11_MODULE'] ?? modulePlaces.find((place) => existsSync(place));
  if (path === undefined) {
    throw new Error('softhsm2 is not installed: run `npm run setup` or set STRONGROOM_PKCS11_MODULE');
  }
  return path;
}

export async function createSoftHsmToken(options: SoftHsmOptions = {}): Promise<SoftHsmToken> {
  const temporary = options.directory === undefined ? await makeTemporaryDirectory('softhsm') : undefined;
  const directory = options.directory ?? (temporary?.path as string);
  const files = {
    configuration: join(directory, 'softhsm2.conf'),
    description: join(directory, 'token.json'),
    pin: join(directory, 'pin'),
    tokens: join(directory, 'tokens'),
    spare: join(directory, 'token.object.spare'),
  };
  const env = { SOFTHSM2_CONF: files.configuration };
  const token =
    (await readDescription(files.description)) ??
    (await initialise(files, env, options.tokenLabel ?? 'strongroom'));
  await mendTornLogin(files);
  return {
    module: findSoftHsmModule(),
    env,
    ...token,
    pinFile: files.pin,
    directory,
    tokenDirectory: files.tokens,
    stop: async () => temporary?.remove(),
  };
}

interface Files {
  readonly configuration: string;
  readonly description: string;
  readonly pin: string;
  readonly tokens: string;
  readonly spare: string;
}

/**
 * SoftHSM empties the token's own file and writes it again on every login, so a process that is killed in between leaves
 * a token that nobody can open any more. All that matters in that file is from the initialisation, so a copy of then
 * brings it back; the keys are in files of their own.
 */
async function mendTornLogin({ tokens, spare }: Files): Promise<void> {
  for (const file of await tokenFiles(tokens)) {
    if ((await stat(file)).size === 0) await copyFile(spare, file);
  }
}

async function tokenFiles(tokens: string): Promise<readonly string[]> {
  const folders = await readdir(tokens, { withFileTypes: true });
  return folders.filter((entry) => entry.isDirectory()).map(({ name }) => join(tokens, name, 'token.object'));
}

interface Description {
  readonly tokenLabel: string;
  readonly serial: string;
}

/** Written last, so what has it is whole. */
async function readDescription(path: string): Promise<Description | undefined> {
  return existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as Description) : undefined;
}

async function initialise(
  files: Files,
  env: { SOFTHSM2_CONF: string },
  tokenLabel: string,
): Promise<Description> {
  await mkdir(files.tokens, { recursive: true, mode: 0o700 });
  const settings = [
    `directories.tokendir = ${files.tokens}`,
    'objectstore.backend = file',
    'log.level = ERROR',
  ];
  await writeFile(files.configuration, `${settings.join('\n')}\n`, { mode: 0o600 });
  const pin = randomBytes(16).toString('hex');
  await writeFile(files.pin, `${pin}\n`, { mode: 0o600 });
  // The tool asks for PINs on a terminal or takes them as arguments, where other users of the machine can see them for
  // a moment: good enough for a token that holds nothing yet and is for development.
  const soPin = randomBytes(16).toString('hex');
  await runTool(['--init-token', '--free', '--label', tokenLabel, '--so-pin', soPin, '--pin', pin], env);
  const serial = serialOf(await runTool(['--show-slots'], env), tokenLabel);
  for (const file of await tokenFiles(files.tokens)) await copyFile(file, files.spare);
  const draft = `${files.description}.new`;
  await writeFile(draft, `${JSON.stringify({ tokenLabel, serial })}\n`, { mode: 0o600 });
  await rename(draft, files.description);
  return { tokenLabel, serial };
}

async function runTool(args: readonly string[], env: { SOFTHSM2_CONF: string }): Promise<string> {
  const tool = findTool('softhsm2-util', 'STRONGROOM_SOFTHSM2_UTIL');
  const { stdout } = await promisify(execFile)(tool, args, { env });
  return stdout;
}

function serialOf(slots: string, tokenLabel: string): string {
  const blocks = slots.split(/^Slot /m);
  const block = blocks.find((text) => new RegExp(`^\\s+Label:\\s+${tokenLabel}\\s*$`, 'm').test(text));
  const serial = block?.match(/^\s+Serial number:\s+(\S+)/m)?.[1];
  if (serial === undefined) throw new Error(`softhsm2-util shows no token ${tokenLabel}`);
  return serial;
}
