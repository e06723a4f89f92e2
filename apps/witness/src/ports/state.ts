/** What the witness cosigned last of each log. It is all that it has to remember, and must never be older than a signature. */
export interface SeenCheckpoint {
  readonly size: number;
  /** Base64, as in the checkpoint. */
  readonly root: string;
}

export interface WitnessState {
  /** `undefined`: never cosigned. */
  seen(origin: string): SeenCheckpoint | undefined;
  /** Durable when it returns. After a fault it is unknown whether it is; the same may be kept again. */
  keep(origin: string, checkpoint: SeenCheckpoint): Promise<void>;
}
