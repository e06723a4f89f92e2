import { setTimeout as wait } from 'node:timers/promises';
import type { AuditFilter } from '@strongroom/contracts';
import { Command } from 'commander';
import type { Ask } from '../report/ask.ts';
import { tailOf } from '../report/tail.ts';
import { type CommandContext, withClient } from '../session.ts';
import { asking } from './asking.ts';
import { type FilterOptions, toFilter, withFilter } from './audit-filter.ts';
import { integer } from './options.ts';

interface TailOptions extends FilterOptions {
  readonly first?: number;
  readonly everySeconds: number;
}

const newest = async (ask: Ask, filter: AuditFilter): Promise<number> =>
  (await ask('audit.query', { filter, limit: 1, order: 'newest-first' })).size;

export function tailCommand(context: CommandContext): Command {
  return withFilter(new Command('tail'))
    .description('entries as they are written, one JSON object a line; ends when it is interrupted')
    .option('--first <index>', 'from this entry on: one more than the last index that was seen', integer)
    .option('--every-seconds <count>', 'how often the log is asked', integer, 2)
    .action((text: string | undefined, options: TailOptions) =>
      withClient(context, async (client) => {
        const [ask, filter] = [asking(client), toFilter(text, options)];
        const first = options.first ?? (await newest(ask, filter));
        const everyMs = Math.max(options.everySeconds, 1) * 1_000;
        const entries = tailOf({ ask, filter, first, pause: () => wait(everyMs) });
        for await (const one of entries) context.terminal.bytes(Buffer.from(`${JSON.stringify(one)}\n`));
      }),
    );
}
