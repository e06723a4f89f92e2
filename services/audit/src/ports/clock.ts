export interface Clock {
  /** RFC 3339 UTC with milliseconds. May jump either way. */
  now(): string;
  /** Milliseconds since any moment; never goes back. */
  monotonicMs(): number;
}
