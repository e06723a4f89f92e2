import { Command } from 'commander';
import type { CommandContext } from '../session.ts';
import { addGenerateCommands } from './secret-generate.ts';
import { addLifecycleCommands } from './secret-lifecycle.ts';
import { addValueCommands } from './secret-value.ts';

export function secretCommand(context: CommandContext): Command {
  const command = new Command('secret').description('secret values; never on the command line');
  addValueCommands(command, context);
  addGenerateCommands(command, context);
  addLifecycleCommands(command, context);
  return command;
}
