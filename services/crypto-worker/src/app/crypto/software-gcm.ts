/** AES-GCM with a key in memory, in the frame of the HSM port: 12 octets of nonce, ciphertext, 16 octets of tag. */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { StrongroomError } from '@strongroom/errors';

export const nonceBytes = 12;
const tagBytes = 16;
const withTag = { authTagLength: tagBytes };

/** `nonce`: random, never given twice. */
export function softwareSeal(
  key: KeyObject,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associatedData: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv(cipherOf(key), key, nonce, withTag).setAAD(associatedData);
  const sealed = Buffer.allocUnsafe(nonceBytes + plaintext.length + tagBytes);
  sealed.set(nonce);
  sealed.set(cipher.update(plaintext), nonceBytes);
  cipher.final();
  sealed.set(cipher.getAuthTag(), nonceBytes + plaintext.length);
  return sealed;
}

/** Throws `ciphertext-invalid`; nothing of a plaintext whose tag does not match is kept. */
export function softwareOpen(key: KeyObject, sealed: Uint8Array, associatedData: Uint8Array): Uint8Array {
  if (sealed.length <= nonceBytes + tagBytes) throw new StrongroomError('ciphertext-invalid');
  const decipher = createDecipheriv(cipherOf(key), key, sealed.subarray(0, nonceBytes), withTag)
    .setAAD(associatedData)
    .setAuthTag(sealed.subarray(-tagBytes));
  const plaintext = decipher.update(sealed.subarray(nonceBytes, -tagBytes));
  try {
    decipher.final();
    return plaintext;
  } catch (cause) {
    plaintext.fill(0);
    throw new StrongroomError('ciphertext-invalid', { cause });
  }
}

function cipherOf({ symmetricKeySize }: KeyObject): 'aes-128-gcm' | 'aes-256-gcm' {
  return symmetricKeySize === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
}
