/**
 * Where the next page begins. A cursor is bound to the question it came from and to the size of the log at the first
 * page, so that pages of one search fit together and a cursor of another search is refused instead of skipping entries.
 * It is no secret and carries no right: what it names is filtered again.
 */
import { type CanonicalValue, digest, equalBytes } from '@strongroom/canonical';
import type { AuditFilter } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';

export interface Cursor {
  /** Of the last entry that was handed out. */
  readonly index: number;
  readonly size: number;
  /** Sequence number of that entry in the counter that proves the answer complete; 0 where there is none. */
  readonly sequence: number;
}

export type Listing = 'newest-first' | 'oldest-first' | 'export';

const questionBytes = 8;
const numberBytes = 8;
const layout = { question: 0, index: 8, size: 16, sequence: 24, length: 32 } as const;

export function formatCursor(cursor: Cursor, listing: Listing, filter: AuditFilter): string {
  const bytes = Buffer.alloc(layout.length);
  bytes.set(questionOf(listing, filter), layout.question);
  bytes.writeBigUInt64BE(BigInt(cursor.index), layout.index);
  bytes.writeBigUInt64BE(BigInt(cursor.size), layout.size);
  bytes.writeBigUInt64BE(BigInt(cursor.sequence), layout.sequence);
  return bytes.toString('base64url');
}

/** Throws `request-invalid` for everything that `formatCursor` did not make for the same question. */
export function readCursor(text: string, listing: Listing, filter: AuditFilter): Cursor {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== layout.length || bytes.toString('base64url') !== text) refuse();
  if (!equalBytes(bytes.subarray(0, questionBytes), questionOf(listing, filter))) refuse();
  const [index, size, sequence] = [layout.index, layout.size, layout.sequence].map((at) =>
    Number(bytes.subarray(at, at + numberBytes).readBigUInt64BE()),
  ) as [number, number, number];
  if (![index, size, sequence].every(Number.isSafeInteger) || index >= size) refuse();
  return { index, size, sequence };
}

function questionOf(listing: Listing, filter: AuditFilter): Uint8Array {
  return digest('strongroom/audit-cursor/1', { listing, filter: filter as CanonicalValue }).subarray(
    0,
    questionBytes,
  );
}

function refuse(): never {
  throw new StrongroomError('request-invalid', { detail: '/after' });
}
