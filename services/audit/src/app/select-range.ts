/** The indexes that a page is searched in: time of the filter, size of the log, place of the cursor. */
import type { AuditFilter } from '@strongroom/contracts';
import type { Cursor } from '../domain/cursor.ts';
import { type Order, timeOf } from '../domain/entry-selection.ts';
import type { EntryReader } from '../ports/entry-reader.ts';

export interface IndexRange {
  readonly first: number;
  readonly end: number;
}

/**
 * Time grows with the index, so a span of time is a span of indexes. Of entries without rows only bounds are known: the range
 * holds all that are in the span, and some that are not.
 */
export async function selectRange(
  reader: Pick<EntryReader, 'firstSince' | 'heldFrom'>,
  filter: AuditFilter,
  size: number,
  order: Order,
  cursor: Cursor | undefined,
): Promise<IndexRange> {
  const [from, to] = [timeOf(filter.from, 'from'), timeOf(filter.to, 'to')];
  const [first, end] = await Promise.all([
    from === undefined ? 0 : reader.firstSince(from, size),
    to === undefined ? size : reader.firstSince(to, size),
  ]);
  return behind({ first: first ?? 0, end: end ?? (await reader.heldFrom()) }, order, cursor);
}

function behind({ first, end }: IndexRange, order: Order, cursor: Cursor | undefined): IndexRange {
  if (cursor === undefined) return { first, end };
  return order === 'oldest-first'
    ? { first: Math.max(first, cursor.index + 1), end }
    : { first, end: Math.min(end, cursor.index) };
}
