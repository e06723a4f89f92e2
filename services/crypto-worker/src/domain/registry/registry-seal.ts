/**
 * The one secret of the registry: an HMAC-SHA256 key that the HSM derives. Whoever lacks it can copy what a worker once
 * wrote and nothing else, and every MAC names its domain and the tenant, so no MAC made for one thing or one tenant
 * passes for another.
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { type CanonicalValue, digest, equalBytes } from '@strongroom/canonical';

export class RegistrySeal {
  readonly tenant: string;
  /** A KeyObject prints no bytes and keeps them out of the JavaScript heap. */
  readonly #key: KeyObject;

  /** Copies the 32 bytes of `key`; the caller may zero its own. */
  constructor(tenant: string, key: Uint8Array) {
    if (key.length !== 32) throw new RangeError('the registry key has 32 bytes');
    this.tenant = tenant;
    this.#key = createSecretKey(key);
  }

  mac(domain: string, value: { readonly [name: string]: CanonicalValue | undefined }): Uint8Array {
    return createHmac('sha256', this.#key)
      .update(digest(domain, { ...value, tenant: this.tenant }))
      .digest();
  }

  verify(
    mac: Uint8Array,
    domain: string,
    value: { readonly [name: string]: CanonicalValue | undefined },
  ): boolean {
    return equalBytes(mac, this.mac(domain, value));
  }
}
