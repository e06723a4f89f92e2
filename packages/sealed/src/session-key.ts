/**
 * Keys that a person's browser or command line makes for one sign-in. Sign-on and passkey speak for the key by its hash: it is
 * the nonce of the one and the challenge of the other, so what they said is good for this key alone.
 */
import { verify } from 'node:crypto';
import { digestBytes, encodeBytes } from '@strongroom/canonical';
import { digestDomain } from '@strongroom/contracts';
import { p256PublicKey, p256PublicKeyBytes } from './ecdsa-p256.ts';
import { verifySignature } from './signing-key.ts';

/** base64url(SHA-256("strongroom/session-key/1" 0x00 public key)). */
export function sessionKeyHash(publicKey: Uint8Array): string {
  return encodeBytes(digestBytes(digestDomain.sessionKey, publicKey));
}

/** Authenticators sign like others do, but write ECDSA in DER (WebAuthn section 6.5.5). False for what is no key or signature. */
export function verifyPasskeySignature(
  publicKey: Uint8Array,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== p256PublicKeyBytes) return verifySignature(publicKey, data, signature);
  try {
    return verify('sha256', data, p256PublicKey(publicKey), signature);
  } catch {
    // The one way to fail: the bytes are no point of the curve.
    return false;
  }
}
