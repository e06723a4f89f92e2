import { Command } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { addIssuerOptions, type IssuerOptions, readIssuerKeys } from './issuer-options.ts';

interface RegisterOptions extends IssuerOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly passkeyOrigin?: string;
}

export function ssoCommand(context: CommandContext): Command {
  const { terminal } = context;
  const command = new Command('sso').description('providers of single sign-on');

  addIssuerOptions(
    command
      .command('register')
      .description('register a provider by the issuer and keys of its ID tokens')
      .argument('<name>')
      .requiredOption('--issuer <url>', 'exact issuer of its ID tokens')
      .requiredOption('--client-id <id>', 'client id of this deployment, the one audience of the tokens')
      .option('--passkey-origin <url>', 'origin of the sign-in page; its host is where passkeys belong'),
  ).action(async (name: string, options: RegisterOptions) => {
    const { issuer, clientId, passkeyOrigin: origin } = options;
    const relyingParty =
      origin === undefined ? {} : { relyingParty: { id: URL.parse(origin)?.hostname ?? '', origin } };
    const params = { name, issuer, clientId, ...relyingParty, ...(await readIssuerKeys(options)) };
    await run(context, 'sso.register', params, (reply) => terminal.object({ ...reply }));
  });

  for (const [verb, description] of [
    ['describe', 'show a provider'],
    ['disable', 'disable a provider; sessions of its people end at their next message'],
  ] as const) {
    command
      .command(verb)
      .argument('<name>')
      .description(description)
      .action((name: string) =>
        run(context, `sso.${verb}`, { name }, (reply) => terminal.object({ ...reply })),
      );
  }

  command
    .command('list')
    .description('list the providers')
    .action(() =>
      run(context, 'sso.list', {}, (reply) => terminal.rows(['name', 'state', 'issuer'], reply.providers)),
    );
  return command;
}
