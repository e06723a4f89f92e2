/** Where the log streams to. Putting and removing wait for the quorum of the sink's policy. */
import { readFile } from 'node:fs/promises';
import type { SinkTarget } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { Command } from 'commander';
import { type CommandContext, run } from '../session.ts';
import { integer } from './options.ts';

interface TargetOptions {
  readonly syslog?: string;
  readonly webhook?: string;
  readonly file?: true;
  readonly ca?: string;
  readonly address?: readonly string[];
  readonly messageBytesMax: number;
  readonly rotateBytes: number;
  readonly filesMax: number;
}

const syslogPort = 6_514;

export function sinkCommand(context: CommandContext): Command {
  const { terminal } = context;
  const command = new Command('sink').description('where the log streams to, changed under a quorum');

  command
    .command('put')
    .description('make a sink, or lead it elsewhere; waits for the quorum of its policy')
    .argument('<name>')
    .requiredOption('--policy <name>', 'whose quorum has to agree to every change of it')
    .option('--syslog <host[:port]>', 'RFC 5424 over TLS; port 6514')
    .option('--webhook <url>', 'HTTPS, signed as Standard Webhooks ask')
    .option('--file', 'NDJSON in the folder that the audit service is configured with')
    .option('--from <index>', 'first entry that it gets', integer, 0)
    .option('--ca <file>', 'PEM of the only authorities that may vouch for the host')
    .option('--address <ip...>', 'addresses that the host may have although they are not public')
    .option(
      '--message-bytes-max <bytes>',
      'of syslog: what the receiver takes as one message',
      integer,
      8_192,
    )
    .option('--rotate-bytes <bytes>', 'of files: size at which one is closed', integer, 104_857_600)
    .option('--files-max <count>', 'of files: how many closed ones are kept', integer, 100)
    .action(async (name: string, options: TargetOptions & { policy: string; from: number }) => {
      const { policy, from } = options;
      const params = { name, policy, from, target: await targetOf(options) };
      await run(context, 'audit.sink-put', params, (reply) => terminal.object({ ...reply }));
    });

  command
    .command('list')
    .description('list the sinks')
    .action(() =>
      run(context, 'audit.sink-list', {}, ({ sinks }) => {
        const rows = sinks.map(({ target, ...rest }) => ({
          ...rest,
          kind: target.kind,
          to: placeOf(target),
        }));
        terminal.rows(['name', 'kind', 'to', 'from', 'policy', 'webhookKey'], rows);
      }),
    );

  command
    .command('remove')
    .description('stop streaming to a sink; waits for its quorum')
    .argument('<name>')
    .action((name: string) =>
      run(context, 'audit.sink-remove', { name }, (reply) => terminal.object({ ...reply })),
    );
  return command;
}

async function targetOf(options: TargetOptions): Promise<SinkTarget> {
  const { syslog, webhook, file, ca, address, messageBytesMax, rotateBytes, filesMax } = options;
  if ([syslog, webhook, file].filter((each) => each !== undefined).length !== 1)
    throw new StrongroomError('request-invalid', { detail: 'one of --syslog, --webhook and --file' });
  if (file) return { kind: 'file', rotateBytes, filesMax };
  const reach = {
    ...(ca === undefined ? {} : { ca: await readFile(ca, 'utf8') }),
    ...(address === undefined ? {} : { addresses: [...address] }),
  };
  if (webhook !== undefined) return { kind: 'webhook', url: webhook, ...reach };
  const url = URL.parse(`tls://${syslog}`);
  if (url === null || url.hostname === '')
    throw new StrongroomError('request-invalid', { detail: `${syslog} is not a host` });
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { kind: 'syslog', host, port: Number(url.port || syslogPort), messageBytesMax, ...reach };
}

function placeOf(target: SinkTarget): string {
  if (target.kind === 'syslog') return `${target.host}:${target.port}`;
  return target.kind === 'webhook' ? target.url : 'folder of the audit service';
}
