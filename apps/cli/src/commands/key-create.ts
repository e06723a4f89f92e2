import type { KeyDescription, OperationRequest } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { type Command, Option } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { group, integer, labelOption, type SettingOptions, settingsOf, usageOption } from './options.ts';

type Creation = OperationRequest<'key.create'>;

interface CreateOptions extends SettingOptions {
  readonly group: string;
  readonly purpose: Creation['purpose'];
  readonly type?: NonNullable<Creation['type']>;
  readonly protection?: NonNullable<Creation['protection']>;
  readonly policy?: string;
  readonly preActive?: true;
  readonly exportable?: true;
}

export function addKeyCreation(
  command: Command,
  context: CommandContext,
  show: (key: KeyDescription) => void,
): void {
  command
    .command('create')
    .description('generate a key with its first version in the HSM')
    .argument('<name>')
    .addOption(group())
    .addOption(
      new Option('--purpose <purpose>', 'what the key is for, for ever')
        .choices(['kek', 'data', 'signing', 'mac', 'wrapping'])
        .makeOptionMandatory(),
    )
    .option('--type <type>', 'aes-128, aes-256 (default), rsa-…, ec-…, ed25519, hmac-…')
    .addOption(
      new Option('--protection <level>', 'where the material is while it is used').choices([
        'hsm',
        'software',
      ]),
    )
    .option('--policy <name>', 'policy of the governance root whose quorum guards the key')
    .option('--pre-active', 'not to be used before `key activate`')
    .option('--exportable', 'versions may leave wrapped; needs --policy and its quorum')
    .addOption(labelOption())
    .addOption(usageOption())
    .addOption(
      new Option('--rotation-days <days>', 'the platform makes a new version this often').argParser(integer),
    )
    .action((name: string, { exportable, ...options }: CreateOptions) => {
      const { preActive, policy, label: _label, usage: _usage, rotationDays: _days, ...named } = options;
      const nature = { ...named, ...settingsOf(options), name };
      if (!exportable) {
        const more = { ...(policy === undefined ? {} : { policy }), ...(preActive ? { preActive } : {}) };
        return run(context, 'key.create', { ...nature, ...more }, show);
      }
      if (policy === undefined)
        throw new StrongroomError('request-invalid', { detail: '--exportable needs --policy' });
      return run(context, 'key.create-exportable', { ...nature, policy }, show);
    });
}
