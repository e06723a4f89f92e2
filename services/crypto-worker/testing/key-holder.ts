import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { encodeBytes } from '@strongroom/canonical';
import { ed25519RawPublicKey, ed25519Sign } from '@strongroom/sealed';

/** Somebody with an Ed25519 key. */
export class KeyHolder {
  readonly principal: string;
  /** Base64url, as in a key file. */
  readonly publicKey: string;
  readonly #privateKey: KeyObject = generateKeyPairSync('ed25519').privateKey;

  constructor(principal: string) {
    this.principal = principal;
    this.publicKey = encodeBytes(ed25519RawPublicKey(this.#privateKey));
  }

  sign(data: Uint8Array): Uint8Array {
    return ed25519Sign(this.#privateKey, data);
  }

  get holding(): { principal: string; publicKey: string } {
    return { principal: this.principal, publicKey: this.publicKey };
  }
}
