/** Time of this worker. It may jump: order comes from the log, expiry fails closed. */
export interface Clock {
  nowMs(): number;
}

/** Resolves after the time has passed; the process provides the timer. */
export type Pause = (ms: number) => Promise<void>;
