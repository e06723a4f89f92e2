import { createCipheriv, createHash } from 'node:crypto';
import type { MemoryKey } from './memory-key.ts';
import { refusal } from './memory-token.ts';

const checkValueBytes = 3;

/** As tokens make them: PKCS#11 v2.40, CKA_CHECK_VALUE. */
export function secretCheckValue(key: MemoryKey): Uint8Array {
  if (!('secret' in key)) throw refusal('key-purpose-refused');
  if (key.spec.type.startsWith('aes')) return aesCheckValue(key.secret);
  return createHash('sha1').update(key.secret).digest().subarray(0, checkValueBytes);
}

export function aesCheckValue(secret: Uint8Array): Uint8Array {
  const cipher = createCipheriv(`aes-${secret.length * 8}-ecb`, secret, null);
  return cipher.update(new Uint8Array(16)).subarray(0, checkValueBytes);
}
