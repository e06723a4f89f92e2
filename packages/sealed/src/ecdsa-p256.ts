/**
 * ECDSA on P-256 with SHA-256 (FIPS 186-5), for callers whose keys live where Ed25519 does not: TPMs, smart cards, browsers.
 * Public keys are compressed points (SEC 1 section 2.3.3), signatures the 64 octets of r and s, as in JOSE and WebCrypto.
 */
import { createECDH, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { KeyCache } from './key-cache.ts';

export const p256PublicKeyBytes = 33;
const scalarBytes = 32;
const coordinateBytes = 32;
const signatureBytes = 64;
/** DER of SubjectPublicKeyInfo up to a compressed point, and of PrivateKeyInfo around scalar and point (RFC 5480, RFC 5915). */
const spkiPrefix = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex');
const pkcs8Prefix = Buffer.from(
  '308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420',
  'hex',
);
const pkcs8Middle = Buffer.from('a144034200', 'hex');
const encoding = { dsaEncoding: 'ieee-p1363' } as const;

const cache = new KeyCache((raw) => {
  if (raw.length !== p256PublicKeyBytes) throw new TypeError('not a P-256 public key');
  return createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' });
});

/** Throws for what is not a compressed point of the curve. */
export function p256PublicKey(raw: Uint8Array): KeyObject {
  return cache.find(raw);
}

/** From the 32-byte scalar. Throws for one that is out of range. */
export function p256PrivateKey(scalar: Uint8Array): KeyObject {
  if (scalar.length !== scalarBytes) throw new TypeError('not a P-256 private key');
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(scalar);
  const der = Buffer.concat([pkcs8Prefix, scalar, pkcs8Middle, pair.getPublicKey()]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  return key;
}

/** The compressed point of either half. */
export function p256RawPublicKey(key: KeyObject): Uint8Array {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  const { x, y } = half.export({ format: 'jwk' });
  const raw = new Uint8Array(p256PublicKeyBytes);
  const ordinate = Buffer.from(y ?? '', 'base64url');
  raw[0] = 2 + ((ordinate[coordinateBytes - 1] ?? 0) & 1);
  raw.set(Buffer.from(x ?? '', 'base64url'), 1);
  return raw;
}

export function p256Sign(key: KeyObject, data: Uint8Array): Uint8Array {
  return sign('sha256', data, { key, ...encoding });
}

/** False for every key and signature that is not one; never throws. */
export function p256Verify(raw: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== signatureBytes) return false;
  let key: KeyObject;
  try {
    key = p256PublicKey(raw);
  } catch {
    // The one way to fail: the bytes are no point of the curve.
    return false;
  }
  return verify('sha256', data, { key, ...encoding }, signature);
}
