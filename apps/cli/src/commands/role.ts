import type { BindingScope } from '@strongroom/contracts';
import { Command } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { page } from './options.ts';

interface BindOptions {
  readonly group?: string;
  readonly name?: string;
  readonly deny?: true;
}

export function roleCommand(context: CommandContext): Command {
  const { terminal } = context;
  const command = new Command('role').description('roles and who holds them');

  command
    .command('bind')
    .description('give a principal a role, in one group or in the whole tenant')
    .argument('<principal>', 'user:…, app:…, plugin:… or workload:<cluster>/<namespace>/<service account>')
    .argument('<role>')
    .option('-g, --group <name>', 'only in this group')
    .option('--name <name>', 'name of the binding; default: made from principal and role')
    .option('--deny', 'take the privileges away instead, whatever other bindings say')
    .action((principal: string, role: string, options: BindOptions) => {
      const scope: BindingScope =
        options.group === undefined ? { kind: 'tenant' } : { kind: 'group', group: options.group };
      const effect = options.deny ? ('deny' as const) : ('allow' as const);
      const name = options.name ?? bindingName(principal, role, options.group, effect);
      return run(context, 'binding.create', { name, principal, role, scope, effect }, (reply) =>
        terminal.object({ ...reply }),
      );
    });

  command
    .command('unbind')
    .description('take a binding away; takes effect at the next message of the principal')
    .argument('<binding>')
    .action((name: string) =>
      run(context, 'binding.delete', { name }, (reply) => terminal.object({ ...reply })),
    );

  command
    .command('bindings')
    .description('list bindings')
    .option('--principal <principal>', 'of one principal')
    .addOption(page.limit())
    .addOption(page.after())
    .action((options: { principal?: string; limit: number; after?: string }) =>
      run(context, 'binding.list', options, (reply) =>
        terminal.rows(['name', 'principal', 'role', 'scope', 'effect'], reply.bindings, reply.next),
      ),
    );

  command
    .command('disable')
    .description('disable an own role: it allows nothing any more, and still denies')
    .argument('<role>')
    .action((name: string) =>
      run(context, 'role.disable', { name }, (reply) => terminal.object({ ...reply })),
    );

  command
    .command('list')
    .description('list roles with their privileges')
    .action(() =>
      run(context, 'role.list', {}, (reply) =>
        terminal.rows(['name', 'state', 'summary', 'privileges'], reply.roles),
      ),
    );
  return command;
}

const nameCharactersMax = 63;

/** A name within the allowed characters that tells what the binding is; two equal bindings get the same one. */
function bindingName(principal: string, role: string, group: string | undefined, effect: string): string {
  const parts = [effect === 'deny' ? 'deny' : undefined, principal, role, group];
  const text = parts.filter((part) => part !== undefined).join('.');
  const name = text.toLowerCase().replaceAll(/[^a-z0-9._-]/g, '-');
  return name.slice(-nameCharactersMax).replace(/^[^a-z0-9]+/, '');
}
