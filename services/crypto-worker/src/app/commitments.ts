/**
 * Commitments to values that the log and approvers must not see. The salt is secret: it derives from a context, a key of the
 * HSM and a salt of the principal who asks, which is kept with the record of the principal and apart from the log. So a worker
 * can check a commitment against a value again, nobody else can find a value by trying, and when the principal is erased not
 * even a worker can. Every proof of the log goes on to verify: the commitments stay, as octets that nobody can open.
 */
import { createHmac, type KeyObject } from 'node:crypto';
import { type CanonicalValue, canonicalBytes, digestBytes, encodeBytes } from '@strongroom/canonical';
import { digestDomain } from '@strongroom/contracts';
import type { Params } from '../domain/subject.ts';

/** Of a principal's own salt. */
export const commitmentSaltBytes = 32;

export class Commitments {
  readonly #key: KeyObject;

  /** HMAC-SHA256 key, the same for all workers. */
  constructor(key: KeyObject) {
    this.#key = key;
  }

  /** `sha256:<base64url>`; equal values of two contexts have different commitments. `own`: salt of the principal. */
  commit(context: string, field: string, value: CanonicalValue, own = ''): string {
    const salt = createHmac('sha256', this.#key).update(`commit\0${context}\0${field}\0${own}`).digest();
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
   * Salted as commitments are, so that it ends with them.
   */
  mark(requestHash: Uint8Array, own = ''): string {
    const mac = createHmac('sha256', this.#key).update(`request\0${own}\0`).update(requestHash);
    return encodeBytes(mac.digest());
  }

  /**
   * What makes two requests of one id the same, as the registry keeps it: operation and parameters. Not the routing, because
   * whoever repeats a request after a minute must give it a new `notAfter`. Keyed, for the reason of `mark`.
   */
  repetition(operation: string, params: Params): string {
    return this.hash('repetition', { operation, params } as unknown as CanonicalValue);
  }
}
