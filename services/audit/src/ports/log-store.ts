/**
 * Where the log is kept. One writer at a time: whoever holds the newest epoch. All methods may throw
 * `database-unavailable`.
 */
import type { AuditFilter, SignedStatement } from '@strongroom/contracts';
import type { NodeId } from '@strongroom/merkle';
import type { KeptEntry, NewAppend, NewBatch } from '../domain/batch.ts';

export interface WriterState {
  readonly epoch: number;
  readonly size: number;
}

/**
 * `committed`: durable. `fenced`: another writer has taken over, nothing was written. `taken`: entries with these
 * indexes carry a (actor, request id, phase) that the log has; nothing was written.
 */
export type CommitResult = 'committed' | 'fenced' | { readonly taken: readonly number[] };

export interface KeptCheckpoint {
  readonly size: number;
  readonly note: string;
  readonly logKey: SignedStatement;
}

export interface LogStore {
  /** Takes the pen: a higher epoch than all before, durable; every earlier writer is fenced from now on. */
  takeOver(): Promise<WriterState>;
  state(): Promise<WriterState>;
  /** All or nothing, compare-and-swap on epoch and size. A lost connection throws `outcome-unknown`: look at `state`. */
  commit(batch: NewBatch): Promise<CommitResult>;
  /** Last sequence number of each counter; 0 for a new one. */
  lastSequences(keys: readonly string[]): Promise<ReadonlyMap<string, number>>;
  findByKey(actor: string, requestId: string, phase: string): Promise<KeptEntry | undefined>;
  /** Throws `record-tampered` where one is missing. */
  nodes(places: readonly NodeId[]): Promise<readonly Uint8Array[]>;
  /** Matching entries below `size`, in the order asked, starting beyond `after`. */
  search(query: {
    readonly filter: AuditFilter;
    readonly size: number;
    readonly after: number | undefined;
    readonly order: 'newest-first' | 'oldest-first';
    readonly limit: number;
  }): Promise<readonly KeptEntry[]>;
  appends(ids: readonly number[]): Promise<readonly NewAppend[]>;
  saveCheckpoint(checkpoint: KeptCheckpoint): Promise<void>;
  /** The newest, or the newest of at most this size. */
  checkpoint(sizeMax?: number): Promise<KeptCheckpoint | undefined>;
}
