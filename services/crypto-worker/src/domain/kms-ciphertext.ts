/**
 * What a KMS provider keeps in etcd for a seed: four octets of KEK version (big endian), then what the HSM made. Tenant,
 * key, version and provider are associated data, so a wrapped seed opens in its own place and nowhere else. The opaque
 * id (KMS v2 `key_id`) names version, provider and the moment the version became active: an old KEK that is put back gets
 * another id, because a reused one can make a storage migration skip objects (KEP-3299).
 */
import { canonicalBytes, digest, encodeBytes } from '@strongroom/canonical';
import { digestDomain } from '@strongroom/contracts';
import type { KeyRecord, KeyVersionRecord } from './record.ts';

const prefixBytes = 4;

export interface KmsContext {
  readonly tenant: string;
  readonly keyId: string;
  readonly version: number;
  readonly provider: string;
}

export function kmsAssociatedData({ tenant, keyId, version, provider }: KmsContext): Uint8Array {
  return canonicalBytes({ tenant, keyId, version, provider, use: 'kms' });
}

export function joinKmsCiphertext(version: number, sealed: Uint8Array): Uint8Array {
  const ciphertext = Buffer.allocUnsafe(prefixBytes + sealed.length);
  ciphertext.writeUInt32BE(version);
  ciphertext.set(sealed, prefixBytes);
  return ciphertext;
}

/** `undefined` for bytes that are too short to be one. */
export function splitKmsCiphertext(
  bytes: Uint8Array,
): { readonly version: number; readonly sealed: Uint8Array } | undefined {
  if (bytes.length <= prefixBytes) return undefined;
  const version = new DataView(bytes.buffer, bytes.byteOffset, prefixBytes).getUint32(0);
  return { version, sealed: bytes.subarray(prefixBytes) };
}

/** Records are frozen and shared, and a cluster has few providers: most ids are computed once. */
const known = new WeakMap<KeyVersionRecord, Map<string, string>>();
const providersMax = 64;

export function kmsKeyId(provider: string, key: KeyRecord, version: KeyVersionRecord): string {
  const ids = known.get(version) ?? new Map<string, string>();
  const kept = ids.get(provider);
  if (kept !== undefined) return kept;
  const id = computeKmsKeyId(provider, key, version);
  if (ids.size >= providersMax) ids.clear();
  known.set(version, ids.set(provider, id));
  return id;
}

function computeKmsKeyId(provider: string, key: KeyRecord, version: KeyVersionRecord): string {
  return encodeBytes(
    digest(digestDomain.kmsKeyId, {
      provider,
      keyId: key.id,
      version: version.version,
      activatedAt: version.createdAt,
    }),
  );
}

/** The version that an opaque id stands for; ids are compared, never parsed. */
export function versionOfKmsKeyId(
  keyId: string,
  provider: string,
  key: KeyRecord,
): KeyVersionRecord | undefined {
  // Newest first: that is the one asked for nearly always.
  return key.versions.findLast((version) => kmsKeyId(provider, key, version) === keyId);
}
