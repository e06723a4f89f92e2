/** What the watchdog and its thread share. */

/** Cells of the memory that both threads see. */
export const cell = { beats: 0, patience: 1, verdict: 2 } as const;
export const cellCount = 3;

/** What the thread is given. */
export interface WatchedMemory {
  readonly memory: SharedArrayBuffer;
  readonly pid: number;
  readonly tickMs: number;
}
