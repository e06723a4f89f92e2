/**
 * Data keys: AES keys that live wrapped (AES-KWP, RFC 5649) with whoever uses them, and as session objects in the
 * token while they are hot. A session key is used at 1.6 times the speed of a token key, but to unwrap one costs 100 µs
 * and leaks a quarter of a kilobyte in SoftHSM, and every live one makes searches slower: so a bounded number is kept,
 * the least recently used goes first, none stays longer than ten minutes, and each is destroyed when it goes.
 */
import { hash } from 'node:crypto';
import { StrongroomError } from '@strongroom/errors';
import { type Cryptoki, type Handle, isSameHandle } from './cryptoki.ts';
import { asFault } from './fault.ts';
import { asForged } from './forged.ts';
import type { GcmKey } from './gcm.ts';
import type { InvocationCounts } from './invocation-counts.ts';
import { openedDataKeyTemplate } from './template.ts';

/** A key of 16 or of 32 octets under RFC 5649. Another length is another key size, which the platform never makes. */
const wrappedDataKeyBytes = [24, 40];
const ageMsMax = 600_000;
const wrappedDataKey = 'wrapped data key';

interface OpenDataKey extends GcmKey {
  readonly wrappedBy: string;
  readonly openedAt: number;
}

/** Wrapped bytes are unique per key and no secret; the hash keeps the cache's keys short whatever a caller sends. */
export function dataKeyName(wrapped: Uint8Array): string {
  return `data:${hash('sha256', wrapped, 'base64')}`;
}

interface DataKeysOptions {
  readonly cryptoki: Cryptoki;
  readonly open: () => Handle;
  readonly close: (session: Handle) => void;
  readonly mechanism: number;
  readonly dataKeysMax: number;
  readonly invocations: InvocationCounts;
  readonly isTokenKey: (handle: Handle) => boolean;
}

export class DataKeys {
  readonly #options: DataKeysOptions;
  readonly #opened = new Map<string, OpenDataKey>();
  #lastWrapped: Buffer = Buffer.alloc(0);
  #lastName = dataKeyName(this.#lastWrapped);
  /** Owns the session objects: they end with it, so no operation that could spoil it runs on it. */
  #holder: Handle;

  constructor(options: DataKeysOptions) {
    this.#options = options;
    this.#holder = options.open();
  }

  /** Open data keys; never more than the bound. */
  get size(): number {
    return this.#opened.size;
  }

  /**
   * The opened key, unwrapped now where it is not hot. Throws `ciphertext-invalid` where the wrapped bytes are not of
   * this wrapping key, and, where the module says no more than "general error", `proveKeyWorks` does not throw.
   */
  get(
    wrapped: Uint8Array,
    wrappedBy: string,
    wrappingKey: GcmKey,
    proveKeyWorks: (key: GcmKey) => void,
  ): GcmKey {
    const name = this.#nameOf(wrapped);
    const hot = this.#opened.get(name);
    if (hot !== undefined && hot.wrappedBy === wrappedBy && performance.now() - hot.openedAt < ageMsMax) {
      this.#opened.delete(name);
      this.#opened.set(name, hot);
      return hot;
    }
    this.#destroy(name);
    const handle = this.#unwrap(wrapped, wrappingKey, proveKeyWorks);
    this.#requireNew(handle);
    const opened = {
      handle,
      wrappedBy,
      openedAt: performance.now(),
      invocations: this.#options.invocations.of(name),
    };
    this.#opened.set(name, opened);
    if (this.#opened.size > this.#options.dataKeysMax) this.#destroyOldest();
    return opened;
  }

  /** A batch asks for the same key over and over, and to compare forty octets costs a twentieth of hashing them. */
  #nameOf(wrapped: Uint8Array): string {
    if (!this.#lastWrapped.equals(wrapped)) {
      this.#lastWrapped = Buffer.from(wrapped);
      this.#lastName = dataKeyName(wrapped);
    }
    return this.#lastName;
  }

  /** The handle is dead; nothing is left to destroy. */
  evict(wrapped: Uint8Array): void {
    this.#opened.delete(dataKeyName(wrapped));
  }

  /** Destroys what was opened under a wrapping key that is going away. */
  closeUnder(wrappedBy: string): void {
    for (const [name, key] of this.#opened) if (key.wrappedBy === wrappedBy) this.#destroy(name);
  }

  #unwrap(wrapped: Uint8Array, wrappingKey: GcmKey, proveKeyWorks: (key: GcmKey) => void): Handle {
    if (!wrappedDataKeyBytes.includes(wrapped.length)) throw invalid();
    const { cryptoki, mechanism } = this.#options;
    try {
      return cryptoki.C_UnwrapKey(
        this.#holder,
        { mechanism },
        wrappingKey.handle,
        wrapped,
        openedDataKeyTemplate(),
      );
    } catch (error) {
      const judged = asForged(error, () => proveKeyWorks(wrappingKey), wrappedDataKey);
      if (judged === error) this.#replaceHolder();
      throw judged;
    }
  }

  /** A key that was just made can not have the handle of another: what it would encrypt, nobody could open again. */
  #requireNew(handle: Handle): void {
    const inUse = [...this.#opened.values()].some((key) => isSameHandle(key.handle, handle));
    if (!inUse && !this.#options.isTokenKey(handle)) return;
    throw new StrongroomError('hsm-inconsistent', {
      detail: 'a new key was given the handle of another one',
    });
  }

  #destroyOldest(): void {
    for (const name of this.#opened.keys()) {
      this.#destroy(name);
      return;
    }
  }

  #destroy(name: string): void {
    const key = this.#opened.get(name);
    if (key === undefined) return;
    this.#opened.delete(name);
    try {
      this.#options.cryptoki.C_DestroyObject(this.#holder, key.handle);
    } catch (error) {
      if (asFault(error)?.returnCode.evictsHandle === true) return;
      this.#replaceHolder();
      throw error;
    }
  }

  /** Closing the old holder destroys every data key that it opened. */
  #replaceHolder(): void {
    const spoilt = this.#holder;
    this.#opened.clear();
    this.#holder = this.#options.open();
    try {
      this.#options.close(spoilt);
    } catch {
      // Already gone with the device or the library, and its objects with it.
    }
  }
}

const invalid = () => new StrongroomError('ciphertext-invalid', { detail: wrappedDataKey });
