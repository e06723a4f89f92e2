/**
 * Ed25519 (RFC 8032) over raw 32-byte keys, the signature of the platform itself. Verification is OpenSSL's; it takes about
 * 200 us, of which making the key object is a tenth, so the objects are kept.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { KeyCache } from './key-cache.ts';

export const ed25519PublicKeyBytes = 32;
const seedBytes = 32;
const signatureBytes = 64;
/** DER of SubjectPublicKeyInfo and PrivateKeyInfo up to the key (RFC 8410 sections 4 and 7). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

const cache = new KeyCache((raw) => {
  if (raw.length !== ed25519PublicKeyBytes) throw new TypeError('not an Ed25519 public key');
  return createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' });
});

/** Throws `TypeError` for what is not 32 bytes. Whether they are a point of the curve shows when something is verified. */
export function ed25519PublicKey(raw: Uint8Array): KeyObject {
  return cache.find(raw);
}

/** From the 32-byte seed of RFC 8032 section 5.1.5. Throws `TypeError`. */
export function ed25519PrivateKey(seed: Uint8Array): KeyObject {
  if (seed.length !== seedBytes) throw new TypeError('not an Ed25519 private key');
  const der = Buffer.concat([pkcs8Prefix, seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  return key;
}

/** The raw public half of either half. */
export function ed25519RawPublicKey(key: KeyObject): Uint8Array {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return new Uint8Array(half.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length));
}

export function ed25519Sign(key: KeyObject, data: Uint8Array): Uint8Array {
  return sign(null, data, key);
}

/** False for every key and signature that is not one; never throws. */
export function ed25519Verify(raw: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  if (raw.length !== ed25519PublicKeyBytes || signature.length !== signatureBytes) return false;
  return verify(null, data, ed25519PublicKey(raw), signature);
}
