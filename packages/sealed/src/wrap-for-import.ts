/**
 * `CKM_RSA_AES_KEY_WRAP` (PKCS#11 v2.40, 2.1.21), the caller's side: a fresh AES-256 key under the import key by RSA-OAEP, then the
 * material under that key by AES key wrap with padding (RFC 5649).
 */
import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { decodeBytes } from '@strongroom/canonical';
import type { ImportKeyStatement } from '@strongroom/contracts';

/** RFC 5649 section 3. */
const kwpIv = Buffer.from('a65959a6', 'hex');
const keyBytes = 32;

/** Octets of a secret key, or the PKCS#8 of a private one; the caller zeroes what it handed in. */
export function wrapForImport(
  { publicKey, oaepHash }: Pick<ImportKeyStatement, 'publicKey' | 'oaepHash'>,
  material: Uint8Array,
): Uint8Array {
  const key = randomBytes(keyBytes);
  try {
    const importKey = createPublicKey({
      key: Buffer.from(decodeBytes(publicKey)),
      format: 'der',
      type: 'spki',
    });
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const wrappedKey = publicEncrypt({ key: importKey, padding, oaepHash }, key);
    return Buffer.concat([wrappedKey, wrapPadded(key, material)]);
  } finally {
    key.fill(0);
  }
}

function wrapPadded(key: Uint8Array, material: Uint8Array): Uint8Array {
  const wrapping = createCipheriv('id-aes256-wrap-pad', key, kwpIv);
  return Buffer.concat([wrapping.update(material), wrapping.final()]);
}
