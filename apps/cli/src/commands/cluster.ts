import { Command } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { addIssuerOptions, type IssuerOptions, readIssuerKeys } from './issuer-options.ts';

interface RegisterOptions extends IssuerOptions {
  readonly issuer: string;
  readonly audience: string;
}

export function clusterCommand(context: CommandContext): Command {
  const { terminal } = context;
  const command = new Command('cluster').description('Kubernetes clusters whose workloads may sign in');

  addIssuerOptions(
    command
      .command('register')
      .description('register a cluster by the issuer and keys of its service-account tokens')
      .argument('<name>')
      .requiredOption('--issuer <url>', 'exact issuer (kube-apiserver --service-account-issuer)')
      .requiredOption('--audience <audience>', 'the one audience that tokens for this deployment carry'),
  ).action(async (name: string, options: RegisterOptions) => {
    const { issuer, audience } = options;
    const params = { name, issuer, audience, ...(await readIssuerKeys(options)) };
    await run(context, 'cluster.register', params, (reply) => terminal.object({ ...reply }));
  });

  command
    .command('describe')
    .argument('<name>')
    .description('show a registered cluster')
    .action((name: string) =>
      run(context, 'cluster.describe', { name }, (reply) => terminal.object({ ...reply })),
    );

  command
    .command('disable')
    .argument('<name>')
    .description('disable a cluster; sessions of its workloads end at their next message')
    .action((name: string) =>
      run(context, 'cluster.disable', { name }, (reply) => terminal.object({ ...reply })),
    );

  command
    .command('list')
    .description('list the registered clusters')
    .action(() =>
      run(context, 'cluster.list', {}, (reply) =>
        terminal.rows(['name', 'state', 'issuer', 'audience', 'createdAt'], reply.clusters),
      ),
    );
  return command;
}
