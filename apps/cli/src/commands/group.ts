import type { GroupDescription } from '@strongroom/contracts';
import { Command } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { given, page } from './options.ts';

const columns = ['group', 'kekVersion', 'kekCreatedAt', 'formerKeks', 'reencryption', 'policy'];

export function groupCommand(context: CommandContext): Command {
  const { terminal } = context;
  const command = new Command('group').description('groups of keys and secrets, each with a KEK in the HSM');
  const show = (group: GroupDescription) => terminal.object({ ...group });

  command
    .command('create')
    .description('make a group with a KEK of its own')
    .argument('<name>')
    .option('--policy <name>', 'policy whose quorum guards the rotation of the KEK')
    .action((group: string, options: { policy?: string }) =>
      run(context, 'group.create', { group, ...given(options) }, show),
    );

  command
    .command('list')
    .description('list groups')
    .addOption(page.limit())
    .addOption(page.after())
    .action((options: { limit: number; after?: string }) =>
      run(context, 'group.list', options, (reply) => terminal.rows(columns, reply.groups, reply.next)),
    );

  command
    .command('describe')
    .description('show a group, its KEK and how far its values are encrypted anew')
    .argument('<name>')
    .action((group: string) => run(context, 'group.describe', { group }, show));

  command
    .command('rotate')
    .description('give the group a new KEK; all values are encrypted anew in the background')
    .argument('<name>')
    .action((group: string) => run(context, 'group.rotate', { group }, show));

  command
    .command('destroy-former-keks')
    .description('destroy the KEKs from before the last rotation, once no value is under them; for good')
    .argument('<name>')
    .action((group: string) => run(context, 'group.destroy-former-keks', { group }, show));
  return command;
}
