import type { AuditFacet, AuditFilter, AuditQueryReply, IndexedEntry } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { Command, Option } from 'commander';
import { type CommandContext, run, withClient } from '../session.ts';
import { proveQuery } from '../verify/prove-query.ts';
import { asking } from './asking.ts';
import { type FilterOptions, toFilter, withFilter } from './audit-filter.ts';
import { callRoll } from './audit-roll-call.ts';
import { integer } from './options.ts';

interface QueryOptions extends FilterOptions {
  readonly limit: number;
  readonly after?: string;
  readonly before?: string;
  readonly oldestFirst?: true;
  readonly prove?: true;
}

const opposite = { 'newest-first': 'oldest-first', 'oldest-first': 'newest-first' } as const;

export function queryCommand(context: CommandContext): Command {
  const { terminal } = context;
  return withFilter(new Command('query'))
    .description('search the log, newest first')
    .option('--limit <count>', 'rows a page', integer, 50)
    .option('--after <cursor>', 'the page after the one that gave this cursor')
    .option('--before <cursor>', 'the page before it')
    .option('--oldest-first')
    .option('--prove', 'by one actor, key or secret: verify here that the answer is genuine and whole')
    .action((text: string | undefined, options: QueryOptions) => {
      const { limit, after, before } = options;
      const cursor = before ?? after;
      if (after !== undefined && before !== undefined)
        throw new StrongroomError('request-invalid', { detail: '--after and --before ask for two pages' });
      if (options.prove) {
        if (cursor !== undefined || options.oldestFirst)
          throw new StrongroomError('request-invalid', {
            detail: '--prove looks at all pages, and shows the newest',
          });
        return showProven(context, toFilter(text, options), limit);
      }
      const order = options.oldestFirst ? 'oldest-first' : 'newest-first';
      // Back is forth in the other order.
      const asked = {
        filter: toFilter(text, options),
        limit,
        order: before === undefined ? order : opposite[order],
        ...(cursor === undefined ? {} : { after: cursor }),
      };
      return run(context, 'audit.query', asked, (reply) => {
        const isBack = before !== undefined;
        const entries = isBack ? reply.entries.toReversed() : reply.entries;
        const [previous, next] = isBack ? [reply.next, reply.previous] : [reply.previous, reply.next];
        terminal.rows(columns, entries.map(rowOf), next);
        if (previous !== undefined && cursor !== undefined) terminal.note(`back: --before ${previous}`);
        terminal.note(validityOf(reply));
      });
    });
}

const columns = ['index', 'at', 'actor', 'operation', 'phase', 'outcome', 'objects'];

/** The newest entries of an answer that was verified to its end; nothing of one that was not. */
async function showProven(context: CommandContext, asked: AuditFilter, limit: number): Promise<void> {
  const { terminal } = context;
  await withClient(context, async (client) => {
    const log = { ask: asking(client), identity: await client.identity() };
    const { result, newest } = await proveQuery(log, await callRoll(client, asked), limit);
    const { verdict, entries, reasons, completeness = '', checkpointSize } = result;
    if (verdict !== 'genuine') throw new StrongroomError('record-tampered', { detail: reasons.join('; ') });
    terminal.rows(columns, newest.map(rowOf));
    terminal.note(`proven: ${entries} entries, up to checkpoint ${checkpointSize}; ${completeness}`);
  });
}

export function rowOf({ index, entry: { body, placement } }: IndexedEntry) {
  return {
    index,
    at: placement.at,
    actor: body.actor.id,
    operation: body.operation,
    phase: body.phase,
    outcome: body.code === undefined ? body.outcome : `${body.outcome}: ${body.code}`,
    objects: body.objects.map((one) => [one.kind, one.group, one.name].filter(Boolean).join('/')),
    requestId: body.requestId,
  };
}

function validityOf({
  complete,
  size,
  checkpointSize,
  heldFrom,
}: Pick<AuditQueryReply, 'complete' | 'size' | 'checkpointSize' | 'heldFrom'>): string {
  const held = heldFrom === 0 ? '' : `; ${notBefore(heldFrom)}`;
  return `${complete ? 'complete' : 'INCOMPLETE'} up to entry ${size}; checkpoint signed at ${checkpointSize}${held}`;
}

/** What an answer of the database can not say; an export reads the archive. */
export const notBefore = (heldFrom: number): string =>
  `not complete before entry ${heldFrom}: older ones are in the archive, which exports read`;

const facets: readonly AuditFacet[] = ['actor', 'operation', 'outcome', 'cluster', 'namespace'];

export function countCommand(context: CommandContext): Command {
  const { terminal } = context;
  return withFilter(new Command('count'))
    .description('count entries of the log')
    .addOption(new Option('--by <facet>', 'what to count by').choices(facets).default('operation'))
    .option('--limit <count>', 'values to list', integer, 50)
    .action((text: string | undefined, options: FilterOptions & { by: AuditFacet; limit: number }) => {
      const { by, limit } = options;
      return run(context, 'audit.count', { filter: toFilter(text, options), by, limit }, (reply) => {
        terminal.rows(
          [by, 'count'],
          reply.counts.map(({ value, count }) => ({ [by]: value, count })),
        );
        terminal.note(`${reply.total} entries, ${validityOf(reply)}`);
        if (!reply.complete && reply.first > reply.heldFrom) {
          terminal.note(`only entries from ${reply.first} on were counted: ask for a shorter time`);
        }
      });
    });
}
