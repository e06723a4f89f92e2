/** The signed tree heads. They are evidence: none is ever changed or removed. */
import type { SignedStatement } from '@strongroom/contracts';

export interface StoredCheckpoint {
  readonly size: number;
  /** C2SP signed note. */
  readonly note: string;
  readonly logKey: SignedStatement;
}

/** Every method may throw `database-unavailable`. */
export interface CheckpointStore {
  /** Durable when it returns; keeps the first note of a size. */
  add(checkpoint: StoredCheckpoint): Promise<void>;
  newest(): Promise<StoredCheckpoint | undefined>;
  ofSize(size: number): Promise<StoredCheckpoint | undefined>;
}
