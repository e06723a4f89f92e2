/**
 * The local rate limit, used while the shared one cannot be read. One bucket a caller, refilled continuously; the table
 * of callers is bounded, the one that asked longest ago is forgotten first.
 */
interface Bucket {
  tokens: number;
  refilledAtMs: number;
}

export interface TokenBucketOptions {
  readonly perSecond: number;
  readonly burst: number;
  readonly callersMax: number;
}

export class TokenBuckets {
  readonly #options: TokenBucketOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: TokenBucketOptions) {
    this.#options = options;
  }

  /** Takes so many tokens of the caller. `false`: that many are not left, and none is taken. */
  take(caller: string, nowMs: number, tokens = 1): boolean {
    const { perSecond, burst, callersMax } = this.#options;
    const bucket = this.#buckets.get(caller) ?? { tokens: burst, refilledAtMs: nowMs };
    // A clock that went back refills nothing.
    const elapsedMs = Math.max(0, nowMs - bucket.refilledAtMs);
    bucket.tokens = Math.min(burst, bucket.tokens + (elapsedMs * perSecond) / 1_000);
    bucket.refilledAtMs = nowMs;
    this.#buckets.delete(caller);
    this.#buckets.set(caller, bucket);
    if (this.#buckets.size > callersMax) this.#forgetOldest();
    if (bucket.tokens < tokens) return false;
    bucket.tokens -= tokens;
    return true;
  }

  get callers(): number {
    return this.#buckets.size;
  }

  #forgetOldest(): void {
    const oldest = this.#buckets.keys().next();
    if (!oldest.done) this.#buckets.delete(oldest.value);
  }
}
