/** The kinds of token keys that the platform keeps for itself, and the form in which their public halves travel. */
import { StrongroomError } from '@strongroom/errors';

export const platformKey = Object.freeze({
  encryption: { type: 'aes-256', use: 'encrypt' },
  wrapping: { type: 'aes-256', use: 'wrap' },
  mac: { type: 'hmac-sha256', use: 'mac' },
  signing: { type: 'ed25519', use: 'sign' },
} as const);

/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 octets (RFC 8410). */
const prefix = Buffer.from('302a300506032b6570032100', 'hex');

/** The 32 raw octets, which identities and verifier keys are written with. Throws `hsm-inconsistent`. */
export function ed25519Point(spki: Uint8Array): Uint8Array {
  const isEd25519 = spki.length === prefix.length + 32 && prefix.equals(spki.subarray(0, prefix.length));
  if (!isEd25519) throw new StrongroomError('hsm-inconsistent', { detail: 'public key of the platform' });
  return Uint8Array.from(spki.subarray(prefix.length));
}
