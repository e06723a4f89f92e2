/**
 * One page of a listing. Besides the number of entries its bytes are bounded: an entry may have 64 KiB, and an answer has
 * to fit one sealed message of 1 MiB with its base64 and its proofs. A shorter page loses nothing, its cursor goes on.
 */
import type { AuditFilter } from '@strongroom/contracts';
import { formatCursor, type Listing } from './cursor.ts';

export const pageBytesMax = 384 * 1_024;

export interface Page<Item> {
  readonly items: readonly Item[];
  /** There may be more: the page was full. */
  readonly isFull: boolean;
}

/** `found` holds one match more than the page may, if there is one. The first always fits. */
export function cutPage<Item>(
  found: readonly Item[],
  limit: number,
  bytesOf: (item: Item) => number,
): Page<Item> {
  let bytes = 0;
  const over = found.findIndex((item, at) => {
    bytes += bytesOf(item);
    return at > 0 && (at >= limit || bytes > pageBytesMax);
  });
  return over < 0 ? { items: found, isFull: false } : { items: found.slice(0, over), isFull: true };
}

/** The cursor behind the last entry of a full page. */
export function nextOf<Item extends { readonly index: number }>(
  { items, isFull }: Page<Item>,
  size: number,
  sequence: number | undefined,
  listing: Listing,
  filter: AuditFilter,
): { readonly next?: string } {
  const last = items.at(-1);
  if (!isFull || last === undefined) return {};
  return { next: formatCursor({ index: last.index, size, sequence: sequence ?? 0 }, listing, filter) };
}
