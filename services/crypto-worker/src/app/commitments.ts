/**
 * Commitments to values that the log and approvers must not see. The salt is secret: it derives from a context and a key
 * of the HSM, so that a worker can check a commitment against a value again, and nobody else can find a value by trying.
 */
import { createHmac, type KeyObject } from 'node:crypto';
import { type CanonicalValue, canonicalBytes, digestBytes, encodeBytes } from '@strongroom/canonical';
import { digestDomain } from '@strongroom/contracts';
import type { Params } from '../domain/subject.ts';

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

  /**
   * What the log says of a request: it ties the entries of one request together and tells nobody what was in it. The bare
   * hash would tell: a PIN, or a password that people choose, is found by trying, since all else of a request is in the log.
   */
  mark(requestHash: Uint8Array): string {
    return encodeBytes(createHmac('sha256', this.#key).update('request\0').update(requestHash).digest());
  }

  /**
   * What makes two requests of one id the same, as the registry keeps it: operation and parameters. Not the routing, because
   * whoever repeats a request after a minute must give it a new `notAfter`. Keyed, for the reason of `mark`.
   */
  repetition(operation: string, params: Params): string {
    return this.hash('repetition', { operation, params } as unknown as CanonicalValue);
  }
}
