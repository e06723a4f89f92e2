/** Ed25519 from a seed of 32 bytes (RFC 8032), in the wrapping of PKCS #8 (RFC 8410 section 7) that parsers take. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiHeadBytes = 12;

export function ed25519PrivateKey(seed: Uint8Array): KeyObject {
  const der = Buffer.concat([pkcs8Head, seed]);
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

export function ed25519PublicKey(seed: Uint8Array): Buffer {
  const spki = createPublicKey(ed25519PrivateKey(seed)).export({ format: 'der', type: 'spki' });
  return spki.subarray(spkiHeadBytes);
}
