/** What the database shows at one moment. Nothing in it is believed before the dictionary has followed it. */
import type { HeadBody, HeadLink } from './head.ts';

export interface StoredHead extends HeadBody {
  readonly mac: Uint8Array;
  /** Hashes of the 256 pages, 8 KiB. */
  readonly pages: Uint8Array;
}

export interface Snapshot {
  readonly head: StoredHead | undefined;
  /** Every commit after the head that the snapshot was asked `since`, but the last; in order. */
  readonly links: readonly HeadLink[];
  /** Pages (256 bucket hashes each) and buckets that changed since or that were asked for, by number. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
  readonly buckets: ReadonlyMap<number, Uint8Array>;
}

export type RollbackReason =
  /** There is no head. */
  | 'head-absent'
  /** Its MAC is not from a worker of this tenant. */
  | 'head-forged'
  /** Its pages do not lead to its root. */
  | 'head-damaged'
  /** It is older than what was known when the database was asked. */
  | 'head-older'
  /** It did not grow out of the known one. */
  | 'head-forked';
