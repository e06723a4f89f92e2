/**
 * Nonces of AES-GCM: 96 random bits each from the token's generator, fetched sixty-four at a time. Random and not
 * counted, because processes that share a key share no counter; and never kept across a connection or used twice.
 */
import type { Cryptoki, Handle } from './cryptoki.ts';

const noncesPerCall = 64;
const nonceBytes = 12;

export class NonceSource {
  readonly #cryptoki: Cryptoki;
  readonly #pool = Buffer.alloc(noncesPerCall * nonceBytes);
  #next = this.#pool.length;

  constructor(cryptoki: Cryptoki) {
    this.#cryptoki = cryptoki;
  }

  /** Writes a fresh nonce into the 12 octets of `target`. */
  fill(session: Handle, target: Uint8Array): void {
    if (this.#next === this.#pool.length) {
      this.#cryptoki.C_GenerateRandom(session, this.#pool);
      this.#next = 0;
    }
    this.#pool.copy(target, 0, this.#next, this.#next + nonceBytes);
    this.#next += nonceBytes;
  }
}
