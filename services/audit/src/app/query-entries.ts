/**
 * Searches the log, page by page. All pages of one search are of the log at the size that the first page met, so that
 * entries which are written meanwhile neither shift nor hide others.
 */
import type { AuditQueryReply, AuditQueryRequest, Entry } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { counterOf, hasNoGap } from '../domain/completeness.ts';
import { type Cursor, formatCursor, readCursor } from '../domain/cursor.ts';
import { conditionsOf, type Order } from '../domain/entry-selection.ts';
import { cutPage, nextOf, type Page } from '../domain/page.ts';
import type { CheckpointStore } from '../ports/checkpoint-store.ts';
import type { EntryReader } from '../ports/entry-reader.ts';
import { type IndexRange, selectRange } from './select-range.ts';

export interface QueryEntriesParts {
  readonly reader: EntryReader;
  readonly checkpoints: Pick<CheckpointStore, 'newest'>;
}

const opposite = { 'newest-first': 'oldest-first', 'oldest-first': 'newest-first' } as const;

/** The returned function throws `request-invalid`, `database-unavailable`. */
export function makeQueryEntries({ reader, checkpoints }: QueryEntriesParts) {
  return async (request: AuditQueryRequest): Promise<AuditQueryReply> => {
    const { filter, limit, order, after, first: floor = 0 } = request;
    const anyOf = conditionsOf(filter);
    const counter = counterOf(filter);
    const cursor = after === undefined ? undefined : readCursor(after, order, filter);
    const size = await sizeOf(reader, cursor);
    const selected = await selectRange(reader, filter, size, order, cursor);
    const range = { ...selected, first: Math.max(selected.first, floor) };
    const [found, checkpoint] = await Promise.all([
      reader.find({ ...range, anyOf, order, limit: limit + 1 }),
      checkpoints.newest(),
    ]);
    // Asked for last: rows that leave meanwhile are then counted as gone, and not as never there.
    const heldFrom = await reader.heldFrom();
    const page = cutPage(found, limit, ({ leaf }) => leaf.length);
    const entries = page.items.map(({ index, leaf }) => ({ index, entry: readLeaf(leaf) }));
    const numbers = counter === undefined ? [] : entries.map(counter);
    const [first] = entries;
    return {
      entries,
      ...nextOf(page, size, numbers.at(-1), order, filter),
      ...(first === undefined
        ? {}
        : {
            previous: formatCursor(
              { index: first.index, size, sequence: numbers[0] ?? 0 },
              opposite[order],
              filter,
            ),
          }),
      complete:
        !lacks(range, heldFrom, order, page) &&
        hasNoGap(numbers, order === 'oldest-first' ? 1 : -1, {
          before: counter === undefined ? undefined : cursor?.sequence,
          reachesStart:
            filter.from === undefined &&
            floor === 0 &&
            (order === 'oldest-first' ? cursor === undefined : !page.isFull),
        }),
      size,
      checkpointSize: checkpoint?.size ?? 0,
      heldFrom,
    };
  };
}

/** Whether the pages up to here reach below the oldest row; what is there only the archive knows. */
function lacks(
  { first, end }: IndexRange,
  heldFrom: number,
  order: Order,
  { isFull }: Pick<Page<unknown>, 'isFull'>,
): boolean {
  const reaches = order === 'oldest-first' || !isFull;
  return reaches && first < Math.min(end, heldFrom);
}

/** Throws `request-invalid` for a cursor of a larger log than this one. */
async function sizeOf(reader: EntryReader, cursor: Cursor | undefined): Promise<number> {
  const size = await reader.size();
  if (cursor !== undefined && cursor.size > size)
    throw new StrongroomError('request-invalid', { detail: '/after' });
  return cursor?.size ?? size;
}

/** Of a leaf that this service wrote. */
function readLeaf(leaf: Uint8Array): Entry {
  return JSON.parse(Buffer.from(leaf).toString('utf8')) as Entry;
}
