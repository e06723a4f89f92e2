/** The log as people search it. Reads never wait for the writer. Every method may throw `database-unavailable`. */
import type { AuditFacet } from '@strongroom/contracts';
import type { NewAppend } from '../domain/batch.ts';
import type { EntrySelection, EntrySpan } from '../domain/entry-selection.ts';

export interface ReadEntry {
  readonly index: number;
  readonly leaf: Uint8Array;
  /** The append message that it came in, and its place there. */
  readonly append: number;
  readonly offset: number;
}

export interface EntryCounts {
  /** Every entry that fits, with and without a value. */
  readonly total: number;
  /** The most frequent values first. */
  readonly counts: readonly { readonly value: string; readonly count: number }[];
}

export interface EntryReader {
  /** Number of committed entries. */
  size(): Promise<number>;
  /** Index of the oldest entry that has its row; those before are in the archive alone. Never goes back. */
  heldFrom(): Promise<number>;
  /**
   * Index of the first entry below `size` whose time is not before `at`; `size` where there is none, `undefined` where it is
   * one without a row.
   */
  firstSince(at: string, size: number): Promise<number | undefined>;
  /** The first `limit` matches in the order asked. Without exception all of them: there is no silent bound. */
  find(selection: EntrySelection): Promise<readonly ReadEntry[]>;
  /** At most `limit` values. Takes time with the number of entries that fit. */
  count(span: EntrySpan, by: AuditFacet, limit: number): Promise<EntryCounts>;
  /** In any order. */
  appends(ids: readonly number[]): Promise<readonly NewAppend[]>;
}
