import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { AuditFilter } from '@strongroom/contracts';
import { Command } from 'commander';
import type { Ask } from '../report/ask.ts';
import { tailOf } from '../report/tail.ts';
import { TailServer, type TailServerOptions } from '../report/tail-server.ts';
import { type CommandContext, withClient } from '../session.ts';
import { asking } from './asking.ts';
import { type FilterOptions, toFilter, withFilter } from './audit-filter.ts';
import { integer } from './options.ts';

interface TailOptions extends FilterOptions {
  readonly first?: number;
  readonly everySeconds: number;
  readonly serve?: number;
}

const newest = async (ask: Ask, filter: AuditFilter): Promise<number> =>
  (await ask('audit.query', { filter, limit: 1, order: 'newest-first' })).size;

export function tailCommand(context: CommandContext): Command {
  return withFilter(new Command('tail'))
    .description('entries as they are written, one JSON object a line; ends when it is interrupted')
    .option('--first <index>', 'from this entry on: one more than the last index that was seen', integer)
    .option(
      '--serve <port>',
      'as server-sent events on 127.0.0.1, resumed by Last-Event-ID; 0: any port',
      integer,
    )
    .option('--every-seconds <count>', 'how often the log is asked', integer, 2)
    .action((text: string | undefined, options: TailOptions) =>
      withClient(context, async (client) => {
        const [ask, filter] = [asking(client), toFilter(text, options)];
        const first = options.first ?? (await newest(ask, filter));
        const everyMs = Math.max(options.everySeconds, 1) * 1_000;
        if (options.serve !== undefined) {
          const tail = (from: number, signal: AbortSignal) =>
            tailOf({ ask, filter, first: from, pause: () => wait(everyMs, undefined, { signal }) });
          return serve(context, options.serve, { first, tail });
        }
        const entries = tailOf({ ask, filter, first, pause: () => wait(everyMs) });
        for await (const one of entries) context.terminal.bytes(Buffer.from(`${JSON.stringify(one)}\n`));
      }),
    );
}

/** Until it is interrupted. The token is new each time, and is shown once. */
async function serve(
  { terminal }: CommandContext,
  port: number,
  options: Omit<TailServerOptions, 'token'>,
): Promise<void> {
  const token = randomBytes(32).toString('base64url');
  const server = new TailServer({ ...options, token });
  const url = `http://127.0.0.1:${await server.listen(port)}/`;
  terminal.object({ url, token });
  const [interrupted, terminated] = [once(process, 'SIGINT'), once(process, 'SIGTERM')];
  await Promise.race([interrupted, terminated]);
  await server.close();
}
