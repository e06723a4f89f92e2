/**
 * Keys of protection `software` while they are hot. The octets come out of the HSM for the moment that it takes to make a key
 * object of them, and are zeroed; OpenSSL holds the object's copy, cannot print it, and wipes it when the object goes. An object
 * is dropped ten minutes after the HSM gave the octets at the latest, however much it is used, and the number of them is bounded.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { Clock } from '../../ports/clock.ts';
import type { Hsm } from '../../ports/hsm.ts';

/** Names one version of one key: its octets, encrypted by the token key `wrappedBy`. */
export interface SoftwareKeyReference {
  readonly kind: 'software';
  readonly wrappedBy: string;
  readonly sealed: Uint8Array;
  /** `softwareContext` of the version. */
  readonly context: Uint8Array;
}

interface HotKey {
  readonly key: KeyObject;
  readonly openedAtMs: number;
}

/** With one sweep a minute no key lives for more than ten. */
export const softwareKeyAgeMsMax = 540_000;
const keysMaxDefault = 1_000;

export interface SoftwareKeysParts {
  readonly hsm: Pick<Hsm, 'decrypt'>;
  readonly clock: Clock;
  readonly keysMax?: number;
}

export class SoftwareKeys {
  /** By the octets' ciphertext, in order of last use. */
  readonly #hot = new Map<string, HotKey>();
  readonly #parts: SoftwareKeysParts;

  constructor(parts: SoftwareKeysParts) {
    this.#parts = parts;
  }

  /** Keys in memory; never more than the bound. */
  get size(): number {
    return this.#hot.size;
  }

  /** Throws `record-tampered` where the octets are not those of this version; `hsm-unavailable`. */
  async get(reference: SoftwareKeyReference): Promise<KeyObject> {
    const name = Buffer.from(reference.sealed).toString('latin1');
    const hot = this.#hot.get(name);
    if (hot !== undefined && this.#isFresh(hot)) {
      this.#hot.delete(name);
      this.#hot.set(name, hot);
      return hot.key;
    }
    const openedAtMs = this.#parts.clock.nowMs();
    const key = await this.#open(reference);
    this.#hot.set(name, { key, openedAtMs });
    this.#makeRoom();
    return key;
  }

  /** Drops what is too old. */
  sweep(): void {
    for (const [name, hot] of this.#hot) if (!this.#isFresh(hot)) this.#hot.delete(name);
  }

  /** A clock that goes back must not make a key live for longer. */
  #isFresh({ openedAtMs }: HotKey): boolean {
    const ageMs = this.#parts.clock.nowMs() - openedAtMs;
    return ageMs >= 0 && ageMs < softwareKeyAgeMsMax;
  }

  async #open({ wrappedBy, sealed, context }: SoftwareKeyReference): Promise<KeyObject> {
    const octets = await this.#decrypt({ kind: 'token', label: wrappedBy } as const, sealed, context);
    try {
      return createSecretKey(octets);
    } finally {
      octets.fill(0);
    }
  }

  async #decrypt(...call: Parameters<Hsm['decrypt']>): Promise<Uint8Array> {
    try {
      return await this.#parts.hsm.decrypt(...call);
    } catch (fault) {
      // The caller sent no ciphertext: what does not open is a record of ours.
      if (isStrongroomError(fault) && fault.code === 'ciphertext-invalid')
        throw new StrongroomError('record-tampered', { detail: 'software key', cause: fault });
      throw fault;
    }
  }

  #makeRoom(): void {
    for (const name of this.#hot.keys()) {
      if (this.#hot.size <= (this.#parts.keysMax ?? keysMaxDefault)) return;
      this.#hot.delete(name);
    }
  }
}
