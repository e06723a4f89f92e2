/**
 * Ciphertext of `crypto.encrypt`: one octet of format, four octets of key version (big endian), then what the HSM made.
 * Tenant, key and version are bound to it together with what the caller wants bound.
 */
import { canonicalBytes } from '@strongroom/canonical';

const format = 1;
const prefixBytes = 5;

export interface DataContext {
  readonly tenant: string;
  readonly keyId: string;
  readonly version: number;
  /** Base64url, as the caller gave it. Absent and empty are two different contexts. */
  readonly associatedData: string | undefined;
}

export function dataAssociatedData({ tenant, keyId, version, associatedData }: DataContext): Uint8Array {
  return canonicalBytes({ tenant, keyId, version, associatedData, use: 'data' });
}

export function joinDataCiphertext(version: number, sealed: Uint8Array): Uint8Array {
  const ciphertext = Buffer.allocUnsafe(prefixBytes + sealed.length);
  ciphertext[0] = format;
  ciphertext.writeUInt32BE(version, 1);
  ciphertext.set(sealed, prefixBytes);
  return ciphertext;
}

/** `undefined` for bytes that are too short or of another format. */
export function splitDataCiphertext(
  bytes: Uint8Array,
): { readonly version: number; readonly sealed: Uint8Array } | undefined {
  if (bytes.length <= prefixBytes || bytes[0] !== format) return undefined;
  const version = new DataView(bytes.buffer, bytes.byteOffset, prefixBytes).getUint32(1);
  return { version, sealed: bytes.subarray(prefixBytes) };
}
