import { readFile } from 'node:fs/promises';
import { StrongroomError } from '@strongroom/errors';
import { generateKeyFile, type SigningAlgorithm, writeKeyFile } from '@strongroom/sealed';
import { Command, Option } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { page } from './options.ts';

interface EnrolOptions {
  readonly keyFile?: string;
  readonly publicKey?: string;
  readonly apiKey?: true;
  readonly days: string;
  readonly sso?: string;
  readonly subject?: string;
  readonly passkey?: readonly string[];
}

const dayMs = 86_400_000;
const daysMax = 365;

export function principalCommand(context: CommandContext): Command {
  const { terminal } = context;
  const command = new Command('principal').description('users, apps and plugins');

  command
    .command('make-key')
    .description('make the key file of a principal; needs no network')
    .argument('<principal>', 'user:<name>, app:<name> or plugin:<name>')
    .requiredOption('--key-file <path>', 'new file; never overwritten')
    .addOption(
      new Option('--algorithm <name>', 'kind of key').choices(['ed25519', 'ecdsa-p256']).default('ed25519'),
    )
    .action(async (principal: string, options: { keyFile: string; algorithm: SigningAlgorithm }) => {
      const key = generateKeyFile(principal, options.algorithm);
      await writeKeyFile(options.keyFile, key);
      terminal.object({ principal, publicKey: key.publicKey, keyFile: options.keyFile });
    });

  command
    .command('enrol')
    .description(
      'enrol a principal with its public key, with an API key that is shown once, or by single sign-on',
    )
    .argument('<principal>', 'user:<name>, app:<name> or plugin:<name>')
    .option('--key-file <path>', 'take the public key from a key file')
    .option('--public-key <base64url>', 'public key: 32 bytes of Ed25519, or a compressed point of P-256')
    .option('--api-key', 'make an API key')
    .option('--sso <provider>', 'provider of single sign-on that the person signs in with')
    .option('--subject <sub>', 'exact subject of the ID tokens of the person')
    .option(
      '--passkey <id:key>',
      'credential id and public key of a passkey, base64url; may be repeated',
      collect,
    )
    .option('--days <count>', `days that the API key lives, at most ${daysMax}`, '90')
    .action(async (principal: string, options: EnrolOptions) => {
      const params = { principal, credential: await readCredential(options) };
      await run(context, 'principal.enrol', params, (reply) => {
        terminal.object({ ...reply });
        if (reply.apiKey !== undefined)
          terminal.note('The API key is shown only now; nobody can show it again.');
      });
    });

  for (const [verb, description] of [
    ['describe', 'show a principal'],
    ['disable', 'disable a principal; its sessions end at their next message'],
  ] as const) {
    command
      .command(verb)
      .argument('<principal>')
      .description(description)
      .action((principal: string) =>
        run(context, `principal.${verb}`, { principal }, (reply) => terminal.object({ ...reply })),
      );
  }

  command
    .command('erase')
    .description('forget a disabled principal: credential and salt of its commitments; waits for a quorum')
    .argument('<principal>')
    .requiredOption('--policy <name>', 'whose quorum has to agree')
    .requiredOption('--ground <text>', 'legal ground or ticket, for the log')
    .action((principal: string, options: { policy: string; ground: string }) =>
      run(context, 'principal.erase', { principal, ...options }, (reply) => terminal.object({ ...reply })),
    );

  command
    .command('list')
    .description('list the principals')
    .addOption(page.limit())
    .addOption(page.after())
    .action((options: { limit: number; after?: string }) =>
      run(context, 'principal.list', options, (reply) =>
        terminal.rows(['principal', 'state', 'credential', 'createdAt'], reply.principals, reply.next),
      ),
    );
  return command;
}

async function readCredential(options: EnrolOptions) {
  const given = [options.keyFile, options.publicKey, options.apiKey, options.sso].filter(
    (value) => value !== undefined,
  );
  if (given.length !== 1) {
    throw new StrongroomError('request-invalid', {
      detail: 'give one of --key-file, --public-key, --api-key and --sso',
    });
  }
  if (options.sso !== undefined) {
    const { sso: provider, subject = '', passkey = [] } = options;
    return { kind: 'sso' as const, provider, subject, passkeys: passkey.map(toPasskey) };
  }
  if (options.apiKey) {
    const days = Number(options.days);
    if (!Number.isInteger(days) || days < 1 || days > daysMax) {
      throw new StrongroomError('request-invalid', { detail: `--days is 1 to ${daysMax}` });
    }
    return { kind: 'api-key' as const, expiresAt: new Date(Date.now() + days * dayMs).toISOString() };
  }
  return { kind: 'key' as const, publicKey: options.publicKey ?? (await publicKeyOf(options.keyFile ?? '')) };
}

const collect = (value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value];

function toPasskey(text: string): { credentialId: string; publicKey: string } {
  const [credentialId = '', publicKey = ''] = text.split(':');
  return { credentialId, publicKey };
}

/** Reads the public half alone: enrolling somebody else's key needs no private one. */
async function publicKeyOf(path: string): Promise<string> {
  try {
    const { publicKey } = JSON.parse(await readFile(path, 'utf8')) as { publicKey: string };
    return publicKey;
  } catch (fault) {
    throw new StrongroomError('request-invalid', { detail: `${path} is not a key file`, cause: fault });
  }
}
