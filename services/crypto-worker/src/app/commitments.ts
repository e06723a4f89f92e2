/**
 * Commitments to values that the log and approvers must not see. The salt is secret: it derives from a context and a key
 * of the HSM, so that a worker can check a commitment against a value again, and nobody else can find a value by trying.
 */
import { createHmac, type KeyObject } from 'node:crypto';
import { type CanonicalValue, canonicalBytes, digestBytes, encodeBytes } from '@strongroom/canonical';
import { digestDomain } from '@strongroom/contracts';

export class Commitments {
  readonly #key: KeyObject;

  /** HMAC-SHA256 key, the same for all workers. */
  constructor(key: KeyObject) {
    this.#key = key;
  }

  /** `sha256:<base64url>`; equal values of two contexts have different commitments. */
  commit(context: string, field: string, value: CanonicalValue): string {
    const salt = createHmac('sha256', this.#key).update(`commit\0${context}\0${field}`).digest();
    return `sha256:${encodeBytes(digestBytes(digestDomain.commitment, salt, canonicalBytes(value)))}`;
  }

  /** `hmac:<base64url>`; equal values of one field have equal hashes, so that they can be found. */
  hash(field: string, value: CanonicalValue): string {
    const mac = createHmac('sha256', this.#key).update(`hash\0${field}\0`).update(canonicalBytes(value));
    return `hmac:${mac.digest('base64url')}`;
  }
}
