import { readFile } from 'node:fs/promises';
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import type { EcdsaEncoding, SignatureMechanism } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { type Command, Option } from 'commander';
import { type CommandContext, run } from '../session.ts';
import {
  type InputOptions,
  inputFile,
  type OutputOptions,
  outputFile,
  readBytes,
  writeBytes,
} from './crypto-input.ts';
import { group, integer } from './options.ts';

const mechanisms: readonly SignatureMechanism[] = [
  'ed25519',
  'ecdsa-sha256',
  'ecdsa-sha384',
  'rsa-pss-sha256',
  'rsa-pss-sha384',
  'rsa-pss-sha512',
  'rsa-pkcs1-sha256',
  'rsa-pkcs1-sha384',
  'rsa-pkcs1-sha512',
];

interface InGroup {
  readonly group: string;
}
interface SigningOptions extends InGroup, InputOptions {
  readonly mechanism: SignatureMechanism;
  readonly encoding?: EcdsaEncoding;
  readonly digest?: true;
}
interface CheckOptions {
  readonly signature: string;
  readonly version?: number;
}

const mechanism = () =>
  new Option('--mechanism <name>', 'how to sign').choices(mechanisms).makeOptionMandatory();
const encoding = () =>
  new Option('--encoding <form>', 'form of an ECDSA signature; needed for ECDSA').choices(['der', 'jose']);
const version = () =>
  new Option('--version <version>', 'of the key; default: the current one').argParser(integer);

export function addSignatureCommands(command: Command, context: CommandContext): void {
  command
    .command('sign')
    .description('sign standard input or --file; the signature goes to standard output or --out')
    .argument('<key>')
    .addOption(group())
    .addOption(mechanism())
    .addOption(encoding())
    .option('--digest', 'the input is the digest of the message')
    .addOption(inputFile())
    .addOption(outputFile())
    .action(async (key: string, options: SigningOptions & OutputOptions) => {
      const params = await signingParams(context, key, options);
      await run(context, 'crypto.sign', params, ({ signature }) =>
        writeBytes(context, options, decodeBytes(signature)),
      );
    });

  command
    .command('verify')
    .description('check a signature of standard input or --file; exit status 6 where it is not valid')
    .argument('<key>')
    .addOption(group())
    .addOption(mechanism())
    .addOption(encoding())
    .option('--digest', 'the input is the digest of the message')
    .addOption(inputFile())
    .requiredOption('--signature <path>', 'file with the signature')
    .addOption(version())
    .action(async (key: string, options: SigningOptions & CheckOptions) => {
      const signature = encodeBytes(await readFile(options.signature));
      const params = { ...(await signingParams(context, key, options)), signature, ...versionOf(options) };
      await run(context, 'crypto.verify', params, (reply) => showVerdict(context, reply));
    });

  command
    .command('mac')
    .description('make an HMAC of standard input or --file')
    .argument('<key>')
    .addOption(group())
    .addOption(inputFile())
    .addOption(outputFile())
    .action(async (key: string, options: InGroup & InputOptions & OutputOptions) => {
      const params = { group: options.group, key, input: await readBytes(context, options) };
      await run(context, 'crypto.mac', params, ({ mac }) => writeBytes(context, options, decodeBytes(mac)));
    });

  command
    .command('verify-mac')
    .description('check an HMAC of standard input or --file; exit status 6 where it is not valid')
    .argument('<key>')
    .addOption(group())
    .addOption(inputFile())
    .requiredOption('--mac <path>', 'file with the HMAC')
    .addOption(version())
    .action(async (key: string, options: InGroup & InputOptions & { mac: string; version?: number }) => {
      const [input, mac] = [await readBytes(context, options), encodeBytes(await readFile(options.mac))];
      const params = { group: options.group, key, input, mac, ...versionOf(options) };
      await run(context, 'crypto.verify-mac', params, (reply) => showVerdict(context, reply));
    });
}

async function signingParams(context: CommandContext, key: string, options: SigningOptions) {
  const { group: inGroup, mechanism: asked, encoding: form, digest } = options;
  const inputType = digest === true ? ('digest' as const) : ('message' as const);
  const input = await readBytes(context, options);
  return {
    group: inGroup,
    key,
    mechanism: asked,
    input,
    inputType,
    ...(form === undefined ? {} : { encoding: form }),
  };
}

const versionOf = ({ version: wanted }: { readonly version?: number }) =>
  wanted === undefined ? {} : { version: wanted };

function showVerdict({ terminal }: CommandContext, reply: { readonly valid: boolean }): void {
  terminal.object({ ...reply });
  if (!reply.valid) throw new StrongroomError('signature-invalid');
}
