/**
 * Verified tokens, remembered by the SHA-256 of the whole token: checking a signature costs more than all the rest of a
 * request. An entry is good for one version of the record that vouches for it and never beyond the token's own expiry.
 */
import { createHash } from 'node:crypto';

interface Remembered<Value> {
  readonly value: Value;
  readonly voucherVersion: number;
  readonly expiresAtMs: number;
}

export class ProofCache<Value> {
  /** In the order of use; the least used leaves. */
  readonly #entries = new Map<string, Remembered<Value>>();
  readonly #entriesMax: number;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The scope keeps a token that was shown to one cluster from answering for another. */
  nameOf(scope: string, token: string): string {
    return `${scope}\0${createHash('sha256').update(token).digest('base64url')}`;
  }

  find(name: string, voucherVersion: number, nowMs: number): Value | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    this.#entries.delete(name);
    if (entry.voucherVersion !== voucherVersion || nowMs >= entry.expiresAtMs) return undefined;
    this.#entries.set(name, entry);
    return entry.value;
  }

  keep(name: string, value: Value, voucherVersion: number, expiresAtMs: number): void {
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= this.#entriesMax && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(name, { value, voucherVersion, expiresAtMs });
  }
}
