/** The command tree. Everything it does goes through the same sealed path as every other caller (I10). */
import { Command } from 'commander';
import { auditCommand } from './commands/audit.ts';
import { clusterCommand } from './commands/cluster.ts';
import { cryptoCommand } from './commands/crypto.ts';
import { groupCommand } from './commands/group.ts';
import { initCommand } from './commands/init.ts';
import { keyCommand } from './commands/key.ts';
import { principalCommand } from './commands/principal.ts';
import { proposalCommand } from './commands/proposal.ts';
import { roleCommand } from './commands/role.ts';
import { secretCommand } from './commands/secret.ts';
import { ssoCommand } from './commands/sso.ts';
import { makeTerminal, type TerminalStreams } from './output/terminal.ts';
import { type ProfileOptions, profileDefault } from './profile.ts';
import { type CommandContext, run } from './session.ts';

export interface CliStreams extends TerminalStreams {
  readonly readInput: () => Promise<Uint8Array>;
}

export interface Cli {
  /** Rejects with the coded error, or with commander's own for wrong usage. */
  run(args: readonly string[]): Promise<void>;
  showError(fault: unknown): void;
}

export function makeCli(streams: CliStreams): Cli {
  const program = new Command('strongroom');
  const isJson = () => program.opts<{ json?: true }>().json === true;
  const context: CommandContext = {
    // Asked when something is shown: commands are made before the options are read.
    terminal: makeTerminal(streams, isJson),
    profile: () => program.opts<ProfileOptions>(),
    readInput: streams.readInput,
  };
  program
    .description('keys and secrets behind an HSM; nobody has to trust the middle')
    .option('--profile <file>', `where the deployment is and who asks (default: ${profileDefault})`)
    .option('--gateway <url>', 'https URL of the gateway')
    .option('--ca <file>', 'certificate authority of the gateway, PEM')
    .option('--identity <fingerprint>', 'SHA256:… of the identity key; pinned')
    .option('--key <file>', 'your key file')
    .option('--pool <name>', 'HSM pool')
    .option('--tenant <name>')
    .option('--json', 'one JSON document for scripts instead of a table')
    .configureOutput({
      writeOut: (text) => streams.out.write(text),
      writeErr: (text) => streams.err.write(text),
    })
    .exitOverride()
    .showHelpAfterError()
    .addHelpText(
      'after',
      '\nExit status: 0 done, 2 usage or request, 3 proof, 4 denied, 5 waits for approval, 6 object,\n7 unavailable, 8 fault, 9 deadline, 10 two checkpoints of the log contradict each other. Errors carry a stable code.',
    );
  for (const make of [
    initCommand,
    keyCommand,
    cryptoCommand,
    secretCommand,
    groupCommand,
    clusterCommand,
    principalCommand,
    roleCommand,
    ssoCommand,
    proposalCommand,
    auditCommand,
    statusCommand,
  ]) {
    program.addCommand(make(context).exitOverride());
  }
  return {
    run: async (args) => {
      await program.parseAsync(args, { from: 'user' });
    },
    showError: (fault) => context.terminal.error(fault),
  };
}

function statusCommand(context: CommandContext): Command {
  return new Command('status')
    .description('state of a worker, its HSM, the registry and the governance root')
    .action(() => run(context, 'system.status', {}, (reply) => context.terminal.object({ ...reply })));
}
