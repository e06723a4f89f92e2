import type { KeyDescription } from '@strongroom/contracts';
import { type Command, Option } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { group, integer, labelOption, type SettingOptions, settingsOf, usageOption } from './options.ts';

interface UpdateOptions extends SettingOptions {
  readonly group: string;
  readonly minimumVersion?: number;
  readonly protected?: boolean;
  readonly policy?: string;
  readonly provider?: string[];
}

export function addKeyUpdate(
  command: Command,
  context: CommandContext,
  show: (key: KeyDescription) => void,
): void {
  command
    .command('update')
    .description('change labels, usage, rotation period, minimum version, providers, protection or policy')
    .argument('<name>')
    .addOption(group())
    .addOption(labelOption())
    .addOption(usageOption())
    .addOption(new Option('--rotation-days <days>', '0 ends it').argParser(integer))
    .addOption(new Option('--minimum-version <number>', 'versions below it open nothing').argParser(integer))
    .option('--protected', 'refuse to schedule the destruction of the key')
    .option('--no-protected', 'let the destruction of the key be scheduled')
    .option('--policy <name>', 'policy whose quorum guards the key from now on')
    .option('--provider <name...>', 'KMS providers that list the KEK; `none` for no one')
    .action((name: string, options: UpdateOptions) => {
      const { label: _label, usage: _usage, provider, ...given } = options;
      const providers = provider?.filter((each) => each !== 'none');
      const change = { ...given, ...settingsOf(options), ...(providers === undefined ? {} : { providers }) };
      return run(context, 'key.update', { ...change, name }, show);
    });
}
