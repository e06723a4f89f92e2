/** What one commit writes, and how its entries are kept. */
import type { SignedStatement } from '@strongroom/contracts';
import type { StoredNode } from '@strongroom/merkle';

export interface NewEntry {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly bodyHash: Uint8Array;
  readonly at: string;
  readonly actor: string;
  readonly operation: string;
  readonly outcome: string;
  readonly phase: string;
  readonly requestId: string;
  readonly actorSeq: number;
  /** `key default/kms` and so on, with their sequence numbers. */
  readonly objects: readonly { readonly key: string; readonly seq: number }[];
  readonly append: number;
  readonly offset: number;
}

/** The message that entries came in: who signed them. Its id is the index of its first entry. */
export interface NewAppend {
  readonly id: number;
  readonly worker: SignedStatement;
  readonly bodyHashes: Uint8Array;
  readonly signature: string;
}

export interface NewBatch {
  readonly epoch: number;
  /** Size before the batch. */
  readonly first: number;
  readonly entries: readonly NewEntry[];
  readonly appends: readonly NewAppend[];
  readonly nodes: readonly StoredNode[];
}

export interface KeptEntry {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly bodyHash: Uint8Array;
  readonly append: number;
  readonly offset: number;
}
