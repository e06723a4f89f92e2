/** How long the database holds the log. What is older stays in the archive and in the tree. */
import { Command } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { integer } from './options.ts';

export function retentionCommand(context: CommandContext): Command {
  const { terminal } = context;
  const command = new Command('retention').description(
    'for how long the database holds entries that are archived',
  );

  command
    .command('plan')
    .description('what a retention would drop from the database now, and what it waits for; drops nothing')
    .requiredOption('--days <count>', 'from 30 to 36500', integer)
    .action(({ days }: { days: number }) =>
      run(context, 'audit.retention-plan', { days }, (reply) => {
        const { heldFrom, wouldHoldFrom, agedSize, archivedSize, cosignedSize } = reply;
        terminal.object({ ...reply, entries: wouldHoldFrom - heldFrom });
        if (cosignedSize === 0) terminal.note('nothing is dropped while policy needs no witness');
        else if (archivedSize < agedSize) terminal.note('older entries wait for the archive');
        else if (cosignedSize <= agedSize) terminal.note('older entries wait for the witnesses');
      }),
    );

  command
    .command('set')
    .description('set it; waits for the quorum of its policy')
    .requiredOption('--days <count>', 'from 30 to 36500', integer)
    .requiredOption('--policy <name>', 'whose quorum has to agree to every change of it')
    .action(({ days, policy }: { days: number; policy: string }) =>
      run(context, 'audit.retention-set', { log: 'main', days, policy }, (reply) =>
        terminal.object({ ...reply }),
      ),
    );
  return command;
}
