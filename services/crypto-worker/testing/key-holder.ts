import type { KeyObject } from 'node:crypto';
import { encodeBytes } from '@strongroom/canonical';
import { type SigningAlgorithm, type SigningScheme, signingSchemes } from '@strongroom/sealed';

/** Somebody with a key of their own. */
export class KeyHolder {
  readonly principal: string;
  /** Base64url, as in a key file. */
  readonly publicKey: string;
  readonly #scheme: SigningScheme;
  readonly #privateKey: KeyObject;

  constructor(principal: string, algorithm: SigningAlgorithm = 'ed25519') {
    this.principal = principal;
    this.#scheme = signingSchemes[algorithm];
    this.#privateKey = this.#scheme.generate();
    this.publicKey = encodeBytes(this.#scheme.rawPublicKey(this.#privateKey));
  }

  sign(data: Uint8Array): Uint8Array {
    return this.#scheme.sign(this.#privateKey, data);
  }

  get holding(): { principal: string; publicKey: string } {
    return { principal: this.principal, publicKey: this.publicKey };
  }
}
