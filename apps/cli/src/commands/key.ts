import type { KeyDescription, KeyPurpose } from '@strongroom/contracts';
import { Argument, Command, Option } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { group, page } from './options.ts';

const columns = ['group', 'name', 'purpose', 'state', 'currentVersion', 'protection', 'policy'];

export function keyCommand(context: CommandContext): Command {
  const command = new Command('key').description('keys behind the HSM');
  const show = (key: KeyDescription) => context.terminal.object({ ...key });

  command
    .command('create')
    .description('generate a key with its first version in the HSM')
    .argument('<name>')
    .addOption(group())
    .addOption(
      new Option('--purpose <purpose>', 'kek wraps seeds, data encrypts data')
        .choices(['kek', 'data'])
        .makeOptionMandatory(),
    )
    .option('--policy <name>', 'policy of the governance root whose quorum guards the key')
    .action((name: string, options: { group: string; purpose: KeyPurpose; policy?: string }) => {
      const { group: inGroup, purpose, policy } = options;
      return run(
        context,
        'key.create',
        { group: inGroup, name, purpose, ...(policy === undefined ? {} : { policy }) },
        show,
      );
    });

  command
    .command('list')
    .description('list the keys of a group')
    .addOption(group())
    .addOption(page.limit())
    .addOption(page.after())
    .action((options: { group: string; limit: number; after?: string }) =>
      run(context, 'key.list', options, (reply) => context.terminal.rows(columns, reply.keys, reply.next)),
    );

  const verbs = {
    describe: 'show purpose, state and versions; never material',
    rotate: 'make a new version; older versions still unwrap and decrypt',
    suspend: 'stop all use until the key is resumed',
    resume: 'end the suspension',
  } as const;
  for (const [verb, description] of Object.entries(verbs)) {
    command
      .command(verb)
      .description(description)
      .addArgument(new Argument('<name>'))
      .addOption(group())
      .action((name: string, options: { group: string }) =>
        run(context, `key.${verb as keyof typeof verbs}`, { group: options.group, name }, show),
      );
  }
  return command;
}
