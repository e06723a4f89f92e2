/** What one commit adds to the log: all of it becomes durable together, or nothing does. */
import type { EntryPhase, SignedStatement } from '@strongroom/contracts';
import type { StoredNode } from '@strongroom/merkle';

export interface NewEntry {
  /** Canonical bytes of `{ body, placement }`. */
  readonly leaf: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly actor: string;
  readonly actorSeq: number;
  readonly requestId: string;
  readonly phase: EntryPhase;
  readonly operation: string;
  readonly outcome: string;
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
  /** Each object of the entry once, by its name. */
  readonly objects: ReadonlyMap<string, number>;
  /** The append message that it came in, and its place there. */
  readonly append: number;
  readonly offset: number;
}

/** Who vouched for entries: kept, so that an auditor can check it again. */
export interface NewAppend {
  /** Index of the first entry that was taken from the message. */
  readonly id: number;
  readonly worker: SignedStatement;
  /** 32 bytes for each body of the message, also for those that the log had already. */
  readonly bodyHashes: Uint8Array;
  readonly signature: Uint8Array;
}

export interface NewBatch {
  readonly epoch: number;
  /** Size of the log before the batch; index of its first entry. */
  readonly first: number;
  /** RFC 3339; never before that of an earlier batch. */
  readonly at: string;
  readonly entries: readonly NewEntry[];
  readonly appends: readonly NewAppend[];
  /** Hashes of tiles above the leaves that the batch completes. */
  readonly tileNodes: readonly StoredNode[];
}

/** What is unique in the log for ever. */
export interface EntryKey {
  readonly actor: string;
  readonly requestId: string;
  readonly phase: EntryPhase;
}

/** An entry that the log already holds. */
export interface PlacedEntry extends EntryKey {
  readonly index: number;
  readonly leaf: Uint8Array;
}
