/**
 * How often each principal uses each key, for the rate of a usage policy. Each worker process counts for itself and forgets at
 * its end, so with N workers a principal gets at most N times the rate; what bounds a deployment as a whole is the gateway's.
 */
interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

const bucketsMax = 10_000;
const minuteMs = 60_000;

export class UseRates {
  readonly #buckets = new Map<string, Bucket>();

  /** Whether the uses are within the rate; those that are count, those that are not do not. */
  take(keyId: string, principal: string, ratePerMinute: number, uses: number, nowMs: number): boolean {
    const name = `${keyId} ${principal}`;
    const bucket = this.#buckets.get(name) ?? { tokens: ratePerMinute, atMs: nowMs };
    const refilled = bucket.tokens + (Math.max(0, nowMs - bucket.atMs) * ratePerMinute) / minuteMs;
    const tokens = Math.min(ratePerMinute, refilled);
    const isWithin = tokens >= uses;
    // Taken out and put in again: the map is in order of use, and the one not used for longest goes first.
    this.#buckets.delete(name);
    this.#buckets.set(name, { tokens: isWithin ? tokens - uses : tokens, atMs: nowMs });
    if (this.#buckets.size > bucketsMax)
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    return isWithin;
  }

  get size(): number {
    return this.#buckets.size;
  }
}
