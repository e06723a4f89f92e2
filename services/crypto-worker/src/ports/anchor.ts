/**
 * What the HSM remembers of the world outside, so that a database set back while no worker ran is noticed at the next
 * start. Written by the witness worker alone, and only forwards. What was committed after the last write and before
 * the last worker stopped is the one window that it does not cover: a second at most.
 */
import type { HeadReference } from '../domain/registry/head.ts';

/** The newest tree of the log that the worker signed (RFC 6962 section 2.1). */
export interface AnchoredCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
}

/** The newest key of the log's writer that the worker certified. */
export interface AnchoredReceiptKey {
  readonly epoch: number;
  /** Base64url. */
  readonly publicKey: string;
}

export interface AnchorState {
  /** `undefined` before the first commit was anchored. */
  readonly registry: HeadReference | undefined;
  /** `undefined` before the first checkpoint was signed. */
  readonly checkpoint: AnchoredCheckpoint | undefined;
  /** `undefined` before the first writer was certified. */
  readonly receiptKey: AnchoredReceiptKey | undefined;
}

export interface Anchor {
  /** Throws `hsm-unavailable`, and `registry-rolled-back` where there is an anchor that can not be read. */
  read(): Promise<AnchorState>;

  /**
   * Moves what is given forwards and keeps the rest; durable when it returns. The same state again is no write. Throws
   * `registry-rolled-back` for an older head or another one of the same sequence, `version-conflict` for a smaller
   * checkpoint or another one of the same size, and for a receipt key of an older epoch or another one of the same epoch; `hsm-unavailable`; `outcome-unknown`, after which it may be repeated.
   */
  advance(next: Partial<AnchorState>): Promise<void>;
}
