/**
 * Where the log is kept, as its writer sees it. There may be several writers by mistake or during a takeover; the epoch
 * decides which of them can commit.
 *
 * Durability: what a method reports as done survives a crash of this process and of the store. Concurrency: one writer
 * MUST NOT call `commit` again before the last call has settled. Every method may throw `database-unavailable`: nothing
 * was changed. The caller retries, or not, as it likes.
 */
import type { EntryKey, NewBatch, PlacedEntry } from '../domain/batch.ts';
import type { TileId } from '../domain/tile.ts';

export interface LogHead {
  /** Of the newest writer. */
  readonly epoch: number;
  /** Number of committed entries. */
  readonly size: number;
  /** Counts the signs of life of that writer; 0 while nobody holds the pen. */
  readonly beat: number;
}

/**
 * `committed`: all of the batch is durable. `occupied`: nothing of it is, because an entry of the log holds the
 * (actor, request id, phase) of one of its entries. `moved`: nothing of it is, because epoch or size are not those that
 * the batch was drafted for.
 */
export type CommitResult = 'committed' | 'occupied' | 'moved';

export interface LogStore {
  /**
   * Raises the epoch and answers with the head under it: no batch of an earlier epoch can be committed any more.
   * `undefined`, and nothing changed, where the head is not the one that was seen, because its writer lives after all or
   * another one was faster.
   */
  takeEpoch(seen: LogHead): Promise<LogHead | undefined>;

  head(): Promise<LogHead>;

  /** A sign of life of the writer of this epoch; answers with the head. Changes nothing for any other epoch. */
  beat(epoch: number): Promise<LogHead>;

  /** The writer of this epoch writes no more: whoever stands by need not wait. Changes nothing for any other epoch. */
  release(epoch: number): Promise<void>;

  /**
   * All of the batch or nothing. Throws `outcome-unknown` when the answer was lost: the batch MAY be committed, and MAY
   * still become so while an abandoned connection is being worked off. The caller MUST read the head again before it
   * drafts another batch, and MUST take a later `moved` under its own epoch as a sign of just that.
   */
  commit(batch: NewBatch): Promise<CommitResult>;

  /** Entries that hold one of the keys, in any order. */
  findPlaced(keys: readonly EntryKey[]): Promise<readonly PlacedEntry[]>;

  /** Last sequence number of each subject (`domain/subject.ts`); 0 where there is none. */
  lastSequences(subjects: readonly string[]): Promise<ReadonlyMap<string, number>>;

  /** The hashes of each tile that are there, one after the other; fewer than 256 at the right edge. */
  tiles(tiles: readonly TileId[]): Promise<readonly Uint8Array[]>;

  /** Leaf data of the entries from `first` up to and without `end`. Fewer where some are missing. */
  leaves(first: number, end: number): Promise<readonly Uint8Array[]>;
}
