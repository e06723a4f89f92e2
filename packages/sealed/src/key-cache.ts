/** Key objects by their raw public bytes: making one costs a tenth of a verification, decompressing a point much more. */
import type { KeyObject } from 'node:crypto';

const keysMax = 256;

export class KeyCache {
  /** In the order of first use; the oldest leaves. */
  readonly #known = new Map<string, KeyObject>();
  readonly #make: (raw: Uint8Array) => KeyObject;

  /** What `make` throws is not remembered. */
  constructor(make: (raw: Uint8Array) => KeyObject) {
    this.#make = make;
  }

  find(raw: Uint8Array): KeyObject {
    const name = Buffer.from(raw).toString('hex');
    const cached = this.#known.get(name);
    if (cached !== undefined) return cached;
    const key = this.#make(raw);
    const [oldest] = this.#known.keys();
    if (this.#known.size >= keysMax && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(name, key);
    return key;
  }
}
