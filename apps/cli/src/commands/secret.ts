import { readFile, writeFile } from 'node:fs/promises';
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import type { SecretKind } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { Command, Option } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { group, integer, page } from './options.ts';

const kinds: readonly SecretKind[] = [
  'password',
  'pin',
  'api-key',
  'ssh-key',
  'certificate',
  'key',
  'opaque',
];
const ownerOnly = 0o600;

interface WriteOptions {
  readonly group: string;
  readonly kind: SecretKind;
  readonly file?: string;
  readonly expectedVersion?: number;
}

export function secretCommand(context: CommandContext): Command {
  const { terminal } = context;
  const command = new Command('secret').description('secret values; never on the command line');

  command
    .command('write')
    .description('write a new version; the value is read from standard input or --file, byte for byte')
    .argument('<name>')
    .addOption(group())
    .addOption(new Option('--kind <kind>', 'what the value is').choices(kinds).default('opaque'))
    .option('--file <path>', 'read the value from a file')
    .option(
      '--expected-version <version>',
      'refuse unless this is the current version; 0: must not exist',
      integer,
    )
    .action(async (name: string, options: WriteOptions) => {
      const value = options.file === undefined ? await context.readInput() : await readFile(options.file);
      if (value.length === 0) throw new StrongroomError('request-invalid', { detail: 'the value is empty' });
      const params = {
        group: options.group,
        name,
        kind: options.kind,
        value: encodeBytes(value),
        ...(options.expectedVersion === undefined ? {} : { expectedVersion: options.expectedVersion }),
      };
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
    .action((name: string, options: { group: string; version?: number; out?: string }) => {
      const { group: inGroup, version, out } = options;
      const params = { group: inGroup, name, ...(version === undefined ? {} : { version }) };
      return run(context, 'secret.read', params, async (reply) => {
        const value = decodeBytes(reply.value);
        if (out === undefined) return terminal.bytes(value);
        await writeFile(out, value, { mode: ownerOnly, flag: 'wx' });
        terminal.note(`version ${reply.version} written to ${out}`);
      });
    });

  command
    .command('describe')
    .description('show kind and versions; never the value, its length or a hash of it')
    .argument('<name>')
    .addOption(group())
    .action((name: string, options: { group: string }) =>
      run(context, 'secret.describe', { group: options.group, name }, (reply) =>
        terminal.object({ ...reply }),
      ),
    );

  command
    .command('list')
    .description('list the secrets of a group')
    .addOption(group())
    .addOption(page.limit())
    .addOption(page.after())
    .action((options: { group: string; limit: number; after?: string }) =>
      run(context, 'secret.list', options, (reply) =>
        terminal.rows(['group', 'name', 'kind', 'currentVersion', 'createdAt'], reply.secrets, reply.next),
      ),
    );
  return command;
}
