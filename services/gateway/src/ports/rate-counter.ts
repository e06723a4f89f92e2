/** Counts requests of a caller over all gateways. It slows callers down and decides nothing else (I8). */
export interface RateCounter {
  /**
   * Requests of the caller in the current second, this one included. `undefined`: the counter cannot be read in time;
   * the local limit applies then. Never throws.
   */
  count(caller: string, nowMs: number): Promise<number | undefined>;
}
