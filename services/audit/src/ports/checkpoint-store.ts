/** The signed tree heads and what witnesses said of them. They are evidence: none is ever changed or removed. */
import type { SignedStatement } from '@strongroom/contracts';

export interface StoredCheckpoint {
  readonly size: number;
  /** C2SP signed note. */
  readonly note: string;
  readonly logKey: SignedStatement;
  /** Lines of witnesses, in the order of their names, each with its end. */
  readonly cosignatures: readonly string[];
}

export type NewCheckpoint = Omit<StoredCheckpoint, 'cosignatures'>;

export interface StoredCosignature {
  readonly size: number;
  /** Name of the key. */
  readonly witness: string;
  readonly line: string;
}

/** Every method may throw `database-unavailable`. */
export interface CheckpointStore {
  /** Durable when it returns; keeps the first note of a size. */
  add(checkpoint: NewCheckpoint): Promise<void>;
  /** Durable when it returns; keeps the first line of a witness for a size. */
  addCosignature(cosignature: StoredCosignature): Promise<void>;
  /** The newest that at least so many witnesses cosigned. */
  newest(cosignaturesMin?: number): Promise<StoredCheckpoint | undefined>;
  ofSize(size: number): Promise<StoredCheckpoint | undefined>;
}
