/**
 * What is bound to data that a version of a key encrypts: the tenant, the immutable id of the key, the version, and what the
 * caller wants bound. A ciphertext opens in its own place and nowhere else, even where a database gave one key the material of
 * another.
 */
import { canonicalText } from '@strongroom/canonical';

export interface KeyPlace {
  readonly tenant: string;
  readonly keyId: string;
  readonly version: number;
}

/** Associated data for AES-GCM, from the caller's in base64url. Absent and empty are two different contexts. */
export type DataContext = (associatedData: string | undefined) => Uint8Array;

/**
 * Canonical bytes of { associatedData, keyId, tenant, use, version }. A batch has one place and many items, so the place is
 * encoded once: the alphabet of base64url needs no escape, and `associatedData` comes first in canonical order.
 */
export function dataContext({ tenant, keyId, version }: KeyPlace): DataContext {
  const place = canonicalText({ keyId, tenant, use: 'data', version });
  const without = Buffer.from(place);
  const rest = place.slice(1);
  return (associatedData) =>
    associatedData === undefined ? without : Buffer.from(`{"associatedData":"${associatedData}",${rest}`);
}
