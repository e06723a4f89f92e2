/** What leaves of a key and what comes in. Material in plaintext is read and wrapped here, on the caller's own machine. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { encodeBytes } from '@strongroom/canonical';
import type { StrongroomClient } from '@strongroom/client';
import type { KeyDescription, KeyPurpose, KeyType } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { type ShownStatement, verifyAttestation, verifyImportKey, wrapForImport } from '@strongroom/sealed';
import { type Command, Option } from 'commander';
import type { Profile } from '../profile.ts';
import { type CommandContext, run, showPending, withClient } from '../session.ts';
import {
  group,
  integer,
  labelOption,
  requestIdOption,
  type SettingOptions,
  settingsOf,
  usageOption,
} from './options.ts';

type Show = (key: KeyDescription) => void;

const version = () => new Option('--version <number>', 'absent: the current one').argParser(integer);

export function addKeyTransport(command: Command, context: CommandContext, show: Show): void {
  addPublicKey(command, context);
  addAttest(command, context);
  addCheckValue(command, context);
  addImport(command, context, show);
  addImportVersion(command, context, show);
  addExport(command, context);
}

function addPublicKey(command: Command, context: CommandContext): void {
  command
    .command('public-key')
    .description('show the public half of a version, PEM and JWK')
    .argument('<name>')
    .addOption(group())
    .addOption(version())
    .option('--pem', 'the PEM alone, for other tools')
    .action((name: string, { pem, ...options }: { group: string; version?: number; pem?: true }) =>
      run(context, 'key.public-key', { ...options, name }, (reply) =>
        pem
          ? context.terminal.bytes(Buffer.from(reply.pem))
          : context.terminal.object({ ...reply, jwk: JSON.stringify(reply.jwk) }),
      ),
    );
}

function addCheckValue(command: Command, context: CommandContext): void {
  command
    .command('check-value')
    .description('tell the octets by which two devices show that they hold the same key')
    .argument('<name>')
    .addOption(group())
    .addOption(version())
    .action((name: string, options: { group: string; version?: number }) =>
      run(context, 'key.check-value', { ...options, name }, ({ checkValue, ...rest }) =>
        context.terminal.object({
          ...rest,
          checkValue: Buffer.from(checkValue, 'base64url').toString('hex'),
        }),
      ),
    );
}

interface AttestOptions {
  readonly group: string;
  readonly version?: number;
  readonly verify?: string;
  readonly identityFingerprint?: string;
}

function addAttest(command: Command, context: CommandContext): void {
  command
    .command('attest')
    .description(
      'show where and how a version is held, signed by the HSM; or verify such a statement offline',
    )
    .argument('[name]')
    .addOption(group())
    .addOption(version())
    .option('--verify <file>', 'an attestation that this command showed; needs no network')
    .option('--identity-fingerprint <fingerprint>', 'SHA256:… of the deployment; with --verify')
    .action((name: string | undefined, options: AttestOptions) =>
      options.verify === undefined
        ? attest(context, name, options)
        : verifyFile(context, options.verify, options),
    );
}

/** Always JSON: it is a document to be kept and verified, by this command or another one. */
async function attest(
  context: CommandContext,
  name: string | undefined,
  options: AttestOptions,
): Promise<void> {
  if (name === undefined)
    throw new StrongroomError('request-invalid', { detail: 'the name of a key, or --verify' });
  const asked = { group: options.group, name, ...(options.version ? { version: options.version } : {}) };
  await withClient(context, async (client) => {
    const answer = await client.call('key.attest', asked);
    if (answer.status !== 'done') throw new StrongroomError('internal');
    const shown: ShownStatement = { identity: await client.identity(), signed: answer.result.attestation };
    context.terminal.bytes(Buffer.from(`${JSON.stringify(shown)}\n`));
  });
}

async function verifyFile(
  context: CommandContext,
  path: string,
  { identityFingerprint }: AttestOptions,
): Promise<void> {
  if (identityFingerprint === undefined)
    throw new StrongroomError('request-invalid', {
      detail: '--identity-fingerprint, from a place that you trust',
    });
  const shown = JSON.parse(await readFile(path, 'utf8')) as ShownStatement;
  const { attributes, token, type: _type, ...statement } = verifyAttestation(identityFingerprint, shown);
  context.terminal.object({
    verified: true,
    ...statement,
    ...(attributes === undefined ? {} : { attributes: JSON.stringify(attributes) }),
    token: JSON.stringify(token),
  });
}

interface ImportOptions extends SettingOptions {
  readonly group: string;
  readonly purpose: KeyPurpose;
  readonly type: KeyType;
  readonly file: string;
  readonly policy?: string;
}

function addImport(command: Command, context: CommandContext, show: Show): void {
  command
    .command('import')
    .description('bring a key in: it is wrapped here to the import key of the HSM, whose identity is pinned')
    .argument('<name>')
    .addOption(group())
    .requiredOption('--purpose <purpose>', 'data, signing, mac or wrapping')
    .requiredOption('--type <type>', 'such as aes-256, rsa-3072, ec-p256')
    .requiredOption('--file <file>', 'octets of a secret key, or a private key as PEM')
    .option('--policy <name>', 'policy whose quorum guards the key')
    .addOption(labelOption())
    .addOption(usageOption())
    .action((name: string, options: ImportOptions) => importKey(context, name, options, show));
}

async function importKey(
  context: CommandContext,
  name: string,
  options: ImportOptions,
  show: Show,
): Promise<void> {
  const { group: inGroup, purpose, type, policy } = options;
  await withClient(context, async (client, profile) => {
    const imported = await client.call('key.import', {
      ...{ group: inGroup, name, purpose, type },
      ...(await wrapFile(client, profile, options.file)),
      ...settingsOf(options),
      ...(policy === undefined ? {} : { policy }),
    });
    // What is only to be made is guarded by nobody yet.
    if (imported.status !== 'done') throw new StrongroomError('internal');
    show(imported.result);
  });
}

interface ImportVersionOptions {
  readonly group: string;
  readonly file: string;
}

function addImportVersion(command: Command, context: CommandContext, show: Show): void {
  command
    .command('import-version')
    .description('bring a new version of a key in, wrapped like `import`; it is the current one from then on')
    .argument('<name>')
    .addOption(group())
    .requiredOption('--file <file>', 'octets of a secret key, or a private key as PEM')
    .action((name: string, options: ImportVersionOptions) => importVersion(context, name, options, show));
}

/** A guarded key waits for its quorum. There is no asking again: the material is wrapped anew each time, so it would be another request. */
async function importVersion(
  context: CommandContext,
  name: string,
  { group: inGroup, file }: ImportVersionOptions,
  show: Show,
): Promise<void> {
  await withClient(context, async (client, profile) => {
    const arriving = await wrapFile(client, profile, file);
    const answer = await client.call('key.import-version', { group: inGroup, name, ...arriving });
    if (answer.status === 'pending') return showPending(context.terminal, answer.approval);
    show(answer.result);
  });
}

/** To the import key of the HSM whose identity the profile pins. */
async function wrapFile(client: StrongroomClient, { identityFingerprint }: Profile, file: string) {
  const { material, publicKey } = readMaterial(await readFile(file));
  const answer = await client.call('key.import-key', {});
  if (answer.status !== 'done') throw new StrongroomError('internal');
  const shown = { identity: await client.identity(), signed: answer.result.importKey };
  const wrapped = encodeBytes(wrapForImport(verifyImportKey(identityFingerprint, shown), material));
  material.fill(0);
  return { wrapped, ...(publicKey === undefined ? {} : { publicKey }) };
}

function readMaterial(file: Buffer): { readonly material: Buffer; readonly publicKey?: string } {
  if (!file.includes('-----BEGIN')) return { material: file };
  const key = createPrivateKey(file);
  file.fill(0);
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { material: key.export({ format: 'der', type: 'pkcs8' }), publicKey: encodeBytes(publicKey) };
}

interface ExportOptions {
  readonly group: string;
  readonly version?: number;
  readonly wrappingKey: string;
  readonly requestId?: string;
}

function addExport(command: Command, context: CommandContext): void {
  command
    .command('export')
    .description('give a version of an exportable key out, wrapped (AES-KWP) by a wrapping key of the group')
    .argument('<name>')
    .addOption(group())
    .addOption(version())
    .requiredOption('--wrapping-key <name>', 'who holds it outside can unwrap')
    .addOption(requestIdOption())
    .action((name: string, { requestId, ...options }: ExportOptions) =>
      run(
        context,
        'key.export',
        { ...options, name },
        (reply) => context.terminal.object({ ...reply }),
        requestId,
      ),
    );
}
