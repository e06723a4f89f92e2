/** What becomes of secrets and their versions. */
import type { SecretDescription, SecretKind, SecretUpdateRequest } from '@strongroom/contracts';
import { type Command, Option } from 'commander';
import type { Terminal } from '../output/terminal.ts';
import { type CommandContext, run } from '../session.ts';
import { given, group, integer, integers, labelOption, page, pairs } from './options.ts';
import { versionOptions } from './secret-value.ts';

const columns = ['group', 'name', 'kind', 'currentVersion', 'state', 'expiresAt', 'rotateBy', 'updatedAt'];

const show = (terminal: Terminal) => (secret: SecretDescription) => terminal.object({ ...secret });

interface UpdateOptions {
  readonly group: string;
  readonly kind?: SecretKind;
  readonly label?: Record<string, string>;
  readonly metadata?: Record<string, string>;
  readonly keep?: number;
  readonly checkAndSet?: boolean;
  readonly life?: number;
  readonly policy?: string;
  readonly version?: number;
  readonly expiresAt?: string;
  readonly rotateBy?: string;
  readonly clear?: NonNullable<SecretUpdateRequest['clear']>;
}

export function addLifecycleCommands(command: Command, context: CommandContext): void {
  const { terminal } = context;
  command
    .command('describe')
    .description('show kind, versions, dates and settings; never the value, its length or a hash of it')
    .argument('<name>')
    .addOption(group())
    .action((name: string, options: { group: string }) =>
      run(context, 'secret.describe', { group: options.group, name }, show(terminal)),
    );

  command
    .command('list')
    .description('list the secrets of a group')
    .addOption(group())
    .option('--prefix <text>', 'only names that start with it')
    .addOption(page.limit())
    .addOption(page.after())
    .action((options: { group: string; prefix?: string; limit: number; after?: string }) =>
      run(context, 'secret.list', options, (reply) => terminal.rows(columns, reply.secrets, reply.next)),
    );

  command
    .command('update')
    .description('change settings, labels, metadata and dates; with --kind also before the first version')
    .argument('<name>')
    .addOption(group())
    .addOption(versionOptions.kind())
    .addOption(labelOption())
    .option('--metadata <name=value>', 'replaces all metadata; several times', pairs)
    .option('--keep <count>', 'versions to keep', integer)
    .option('--check-and-set', 'every write must say which version it saw')
    .option('--no-check-and-set')
    .option('--life <seconds>', 'new versions delete themselves after this time', integer)
    .option('--policy <name>', 'policy whose quorum guards destruction and settings')
    .option('--version <version>', 'whose dates are meant; without it the current one', integer)
    .addOption(versionOptions.expiresAt())
    .addOption(versionOptions.rotateBy())
    .addOption(
      new Option('--clear <fields...>', 'take away').choices([
        'versionLifeSeconds',
        'policy',
        'expiresAt',
        'rotateBy',
      ]),
    )
    .action((name: string, options: UpdateOptions) => {
      const { label, keep, checkAndSet, life, ...rest } = options;
      const renamed = {
        labels: label,
        versionsMax: keep,
        requiresExpectedVersion: checkAndSet,
        versionLifeSeconds: life,
      };
      const params = { ...given(rest), ...given(renamed), name };
      return run(context, 'secret.update', params, show(terminal));
    });

  const verbs = {
    delete: 'delete versions, or all; they can be had back for 30 days',
    undelete: 'take the deletion of versions back, or of all',
  } as const;
  for (const [verb, description] of Object.entries(verbs)) {
    command
      .command(verb)
      .description(description)
      .argument('<name>')
      .addOption(group())
      .option('--version <version>', 'only this one; several times', integers)
      .action((name: string, options: { group: string; version?: number[] }) => {
        const params = { group: options.group, name, ...given({ versions: options.version }) };
        return run(context, `secret.${verb as keyof typeof verbs}`, params, show(terminal));
      });
  }

  command
    .command('destroy')
    .description('destroy the values of versions for good')
    .argument('<name>')
    .addOption(group())
    .requiredOption('--version <version>', 'several times', integers)
    .action((name: string, options: { group: string; version: number[] }) =>
      run(
        context,
        'secret.destroy',
        { group: options.group, name, versions: options.version },
        show(terminal),
      ),
    );
}
