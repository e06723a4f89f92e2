/** Values that nobody sees, and certificates for keys that nobody saw. */
import { readFile } from 'node:fs/promises';
import type { SecretKind, SecretRecipe, X509Algorithm } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { type Command, Option } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { given, group, integer } from './options.ts';
import { versionOptions } from './secret-value.ts';

type RecipeName = SecretRecipe['recipe'];
const algorithms: readonly X509Algorithm[] = ['ecdsa-p256', 'ed25519', 'rsa-2048', 'rsa-3072', 'rsa-4096'];
const recipes: readonly RecipeName[] = ['password', 'pin', 'token', 'random', 'ssh-ed25519', 'x509'];
/** What a recipe makes where nothing else is asked for. */
const kindOf: Readonly<Record<RecipeName, SecretKind>> = {
  password: 'password',
  pin: 'pin',
  token: 'api-key',
  random: 'key',
  'ssh-ed25519': 'ssh-key',
  x509: 'key',
};

interface GenerateOptions {
  readonly group: string;
  readonly recipe: RecipeName;
  readonly kind?: SecretKind;
  readonly length?: number;
  readonly entropy?: number;
  readonly lookAlikes: boolean;
  readonly symbols: boolean;
  readonly comment?: string;
  readonly algorithm: X509Algorithm;
  readonly commonName?: string;
  readonly dns?: readonly string[];
  readonly expectedVersion?: number;
  readonly expiresAt?: string;
  readonly rotateBy?: string;
}

export function addGenerateCommands(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('generate')
    .description('have the worker make a value that nobody sees, as a new version')
    .argument('<name>')
    .addOption(group())
    .addOption(new Option('--recipe <recipe>', 'how it is made').choices(recipes).default('password'))
    .addOption(versionOptions.kind())
    .option('--length <count>', 'characters of a password, digits of a PIN, bytes of the others', integer)
    .option('--entropy <bits>', 'refuse a password recipe with less', integer)
    .option('--no-look-alikes', 'leave out 0O1lI| from a password')
    .option('--no-symbols', 'letters and digits only')
    .option('--comment <text>', 'of an SSH key')
    .addOption(new Option('--algorithm <name>', 'of an X.509 key').choices(algorithms).default('ecdsa-p256'))
    .option('--common-name <text>', 'of the signing request')
    .option('--dns <names...>', 'DNS names of the signing request')
    .addOption(versionOptions.expected())
    .addOption(versionOptions.expiresAt())
    .addOption(versionOptions.rotateBy())
    .action((name: string, options: GenerateOptions) => {
      const { group: inGroup, recipe, kind = kindOf[recipe], expectedVersion, expiresAt, rotateBy } = options;
      const params = {
        group: inGroup,
        name,
        kind,
        recipe: recipeOf(options),
        ...given({ expectedVersion, expiresAt, rotateBy }),
      };
      return run(context, 'secret.generate', params, (reply) => {
        terminal.object({ ...reply });
      });
    });

  command
    .command('install-certificate')
    .description('join a certificate chain (PEM) with the private key of another secret of the group')
    .argument('<name>')
    .addOption(group())
    .requiredOption('--key-secret <name>', 'secret of kind key that was made for the signing request')
    .requiredOption('--chain <path>', 'PEM file, the leaf first')
    .addOption(versionOptions.expected())
    .addOption(versionOptions.rotateBy())
    .action(
      async (
        name: string,
        options: {
          group: string;
          keySecret: string;
          chain: string;
          expectedVersion?: number;
          rotateBy?: string;
        },
      ) => {
        const { keySecret: keyName, chain, ...rest } = options;
        const params = { ...given(rest), name, keyName, chain: await readFile(chain, 'utf8') };
        await run(context, 'secret.install-certificate', params, (reply) => terminal.object({ ...reply }));
      },
    );
}

function recipeOf(options: GenerateOptions): SecretRecipe {
  const { recipe, length, comment, algorithm, commonName, dns = [] } = options;
  switch (recipe) {
    case 'password':
      return {
        recipe,
        length: length ?? 24,
        classes: { lower: 1, upper: 1, digits: 1, ...(options.symbols ? { symbols: 1 } : {}) },
        ...(options.lookAlikes ? {} : { omitsLookAlikes: true }),
        ...given({ entropyBitsMin: options.entropy }),
      };
    case 'pin':
      return { recipe, digits: length ?? 6 };
    case 'token':
    case 'random':
      return { recipe, bytes: length ?? 32 };
    case 'ssh-ed25519':
      return { recipe, ...given({ comment }) };
    case 'x509':
      if (commonName === undefined && dns.length === 0)
        throw new StrongroomError('request-invalid', { detail: '--common-name or --dns' });
      return { recipe, algorithm, ...given({ commonName }), dnsNames: [...dns] };
  }
}
