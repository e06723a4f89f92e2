/** Values in and out. A value is never an argument: those are in the history of the shell and in the list of processes. */
import { readFile, writeFile } from 'node:fs/promises';
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import type { SecretKind } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { type Command, Option } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { given, group, integer, time } from './options.ts';

const kinds: readonly SecretKind[] = [
  'password',
  'pin',
  'api-key',
  'ssh-key',
  'certificate',
  'key',
  'opaque',
  'text',
  'json',
];
const ownerOnly = 0o600;

export const versionOptions = {
  kind: () => new Option('--kind <kind>', 'what the value is').choices(kinds),
  expected: () =>
    new Option(
      '--expected-version <version>',
      'refuse unless this is the current version; 0: none yet',
    ).argParser(integer),
  expiresAt: () =>
    new Option('--expires-at <time>', 'refuse to read it from then on; a date or 90d').argParser(time),
  rotateBy: () => new Option('--rotate-by <time>', 'remind before it; a date or 90d').argParser(time),
};

interface WriteOptions {
  readonly group: string;
  readonly kind: SecretKind;
  readonly file?: string;
  readonly expectedVersion?: number;
  readonly expiresAt?: string;
  readonly rotateBy?: string;
}

export function addValueCommands(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('write')
    .description('write a new version; the value is read from standard input or --file, byte for byte')
    .argument('<name>')
    .addOption(group())
    .addOption(versionOptions.kind().default('opaque'))
    .option('--file <path>', 'read the value from a file')
    .addOption(versionOptions.expected())
    .addOption(versionOptions.expiresAt())
    .addOption(versionOptions.rotateBy())
    .action(async (name: string, { file, ...options }: WriteOptions) => {
      const value = file === undefined ? await context.readInput() : await readFile(file);
      if (value.length === 0) throw new StrongroomError('request-invalid', { detail: 'the value is empty' });
      const params = { ...given(options), name, value: encodeBytes(value) };
      value.fill(0);
      await run(context, 'secret.write', params, (reply) => terminal.object({ ...reply }));
    });

  command
    .command('read')
    .description('read a value to standard output or --out; the read is logged')
    .argument('<name>')
    .addOption(group())
    .option('--version <version>', 'an older version', integer)
    .option('--out <path>', 'write the value to a new file, mode 0600')
    .action((name: string, { out, ...options }: { group: string; version?: number; out?: string }) =>
      run(context, 'secret.read', { ...given(options), name }, async (reply) => {
        const value = decodeBytes(reply.value);
        if (out === undefined) return terminal.bytes(value);
        await writeFile(out, value, { mode: ownerOnly, flag: 'wx' });
        terminal.note(`version ${reply.version} written to ${out}`);
      }),
    );
}
