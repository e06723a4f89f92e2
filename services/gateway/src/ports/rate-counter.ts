/** Counts requests of a caller over all gateways. It slows callers down and decides nothing else (I8). */
export interface RateCounter {
  /**
   * Counts so many requests more, and answers how many the caller made in the current second over all gateways, as far as
   * they have told each other. `undefined`: that is not known; the local limit applies then. Never waits, never throws.
   */
  count(caller: string, requests: number, nowMs: number): number | undefined;
}
