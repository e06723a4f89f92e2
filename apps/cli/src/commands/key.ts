import type { KeyDescription, OperationRequest } from '@strongroom/contracts';
import { Argument, Command, Option } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { addKeyCreation } from './key-create.ts';
import { addKeyRecovery } from './key-recovery.ts';
import { addKeyTransport } from './key-transport.ts';
import { addKeyUpdate } from './key-update.ts';
import { group, integer, page } from './options.ts';

const columns = ['group', 'name', 'purpose', 'type', 'state', 'currentVersion', 'protection', 'policy'];
const versionColumns = ['version', 'state', 'origin', 'createdAt', 'checkValue', 'destroyAt'];

export function keyCommand(context: CommandContext): Command {
  const command = new Command('key').description('keys behind the HSM');
  const show = (key: KeyDescription) => context.terminal.object({ ...key });
  addKeyCreation(command, context, show);
  addKeyUpdate(command, context, show);
  addListings(command, context);
  addKeyTransport(command, context, show);
  addKeyRecovery(command, context, show);
  const plain = {
    describe: 'show type, purpose, state, usage and policy; never material',
    rotate: 'make a new version; older versions still unwrap, decrypt and verify',
  } as const;
  for (const [verb, description] of Object.entries(plain))
    addNamed(command, verb, description).action((name: string, options: { group: string }) =>
      run(context, `key.${verb as keyof typeof plain}`, { group: options.group, name }, show),
    );
  addTransitions(command, context, show);
  return command;
}

function addNamed(command: Command, verb: string, description: string): Command {
  return command
    .command(verb)
    .description(description)
    .addArgument(new Argument('<name>'))
    .addOption(group());
}

const transitions = {
  activate: 'let a pre-active key be used',
  suspend: 'stop all use until the key or version is resumed',
  resume: 'end the suspension',
  deactivate: 'end protection; what was protected still opens and verifies',
  'mark-compromised': 'say that material may be known; it only opens what it protected',
  'cancel-destruction': 'take a scheduled destruction back',
} as const;

const version = () =>
  new Option('--version <number>', 'of one version instead of the key').argParser(integer);

function addTransitions(
  command: Command,
  context: CommandContext,
  show: (key: KeyDescription) => void,
): void {
  for (const [verb, description] of Object.entries(transitions))
    addNamed(command, verb, description)
      .addOption(version())
      .action((name: string, options: { group: string; version?: number }) =>
        run(context, `key.${verb as keyof typeof transitions}`, { ...options, name }, show),
      );
  addNamed(command, 'schedule-destruction', 'stop all use now and destroy the material in 7 to 30 days')
    .addOption(version())
    .addOption(new Option('--after-days <days>', '7 to 30').argParser(integer).makeOptionMandatory())
    .action((name: string, options: { group: string; version?: number; afterDays: number }) =>
      run(context, 'key.schedule-destruction', { ...options, name }, show),
    );
}

interface ListOptions extends Omit<OperationRequest<'key.list'>, 'label'> {
  readonly label?: string;
}

function addListings(command: Command, context: CommandContext): void {
  command
    .command('list')
    .description('list the keys of a group')
    .addOption(group())
    .addOption(page.limit())
    .addOption(page.after())
    .option('--purpose <purpose>', 'only keys with this purpose')
    .option('--type <type>', 'only keys of this type')
    .option('--state <state>', 'only keys in this state')
    .option('--label <name[=value]>', 'only keys with this label')
    .action(({ label, ...options }: ListOptions) =>
      run(context, 'key.list', { ...options, ...(label === undefined ? {} : labelFilter(label)) }, (reply) =>
        context.terminal.rows(columns, reply.keys, reply.next),
      ),
    );
  addNamed(command, 'versions', 'list the versions of a key')
    .addOption(page.limit())
    .addOption(new Option('--above <version>', 'continue after this version').argParser(integer))
    .action((name: string, options: { group: string; limit: number; above?: number }) =>
      run(context, 'key.list-versions', { ...options, name }, ({ versions, next }) =>
        context.terminal.rows(versionColumns, versions, next === undefined ? undefined : String(next)),
      ),
    );
}

function labelFilter(text: string): Pick<OperationRequest<'key.list'>, 'label'> {
  const [name = '', ...rest] = text.split('=');
  return { label: { name, ...(rest.length === 0 ? {} : { text: rest.join('=') }) } };
}
