/** The ciphers of `MemoryHsm` on raw keys: AES-GCM in the port's frame, AES-KW and AES-KWP, RSA-OAEP. */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  type KeyObject,
  privateDecrypt,
  randomBytes,
} from 'node:crypto';
import { StrongroomError } from '@strongroom/errors';

const nonceBytes = 12;
const tagBytes = 16;
const plaintextBytesMax = 1 << 20;
const wrappableBytesMax = 4_096;

export function gcmSeal(secret: Uint8Array, plaintext: Uint8Array, associatedData: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes);
  const name = secret.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
  const cipher = createCipheriv(name, secret, nonce).setAAD(associatedData);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

export function gcmOpen(secret: Uint8Array, sealed: Uint8Array, associatedData: Uint8Array): Buffer {
  const name = secret.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
  const decipher = createDecipheriv(name, secret, sealed.subarray(0, nonceBytes))
    .setAAD(associatedData)
    .setAuthTag(sealed.subarray(-tagBytes));
  const plaintext = decipher.update(sealed.subarray(nonceBytes, -tagBytes));
  return authentic(() => Buffer.concat([plaintext, decipher.final()]));
}

export function requirePlaintext({ length }: Uint8Array): void {
  if (length === 0) throw new StrongroomError('request-invalid');
  if (length > plaintextBytesMax) throw new StrongroomError('message-too-large');
}

export function requireSealed({ length }: Uint8Array): void {
  const overhead = nonceBytes + tagBytes;
  if (length <= overhead || length > plaintextBytesMax + overhead)
    throw new StrongroomError('ciphertext-invalid');
}

/** Initial values: RFC 3394 section 2.2.3.1, RFC 5649 section 3. */
const wraps = {
  'aes-kw': { suffix: 'wrap', iv: Buffer.from('a6a6a6a6a6a6a6a6', 'hex') },
  'aes-kwp': { suffix: 'wrap-pad', iv: Buffer.from('a65959a6', 'hex') },
} as const;
export type MemoryKeyWrap = keyof typeof wraps;

export function wrap(algorithm: MemoryKeyWrap, secret: Uint8Array, octets: Uint8Array): Buffer {
  const { suffix, iv } = wraps[algorithm];
  const cipher = createCipheriv(`id-aes${secret.length * 8}-${suffix}`, secret, iv);
  return Buffer.concat([cipher.update(octets), cipher.final()]);
}

export function unwrap(algorithm: MemoryKeyWrap, secret: Uint8Array, wrapped: Uint8Array): Buffer {
  const { suffix, iv } = wraps[algorithm];
  const decipher = createDecipheriv(`id-aes${secret.length * 8}-${suffix}`, secret, iv);
  return authentic(() => Buffer.concat([decipher.update(wrapped), decipher.final()]));
}

export function requireWrappable(algorithm: MemoryKeyWrap, { length }: Uint8Array): void {
  const isWhole = algorithm === 'aes-kwp' ? length > 0 : length >= 16 && length % 8 === 0;
  if (!isWhole) throw new StrongroomError('request-invalid');
  if (length > wrappableBytesMax) throw new StrongroomError('message-too-large');
}

export function requireWrapped(algorithm: MemoryKeyWrap, { length }: Uint8Array): void {
  const lengthMin = algorithm === 'aes-kwp' ? 16 : 24;
  if (length < lengthMin || length % 8 !== 0 || length > wrappableBytesMax + 16) {
    throw new StrongroomError('ciphertext-invalid');
  }
}

export function oaepOpen(key: KeyObject, ciphertext: Uint8Array, oaepHash: 'sha256' | 'sha1'): Buffer {
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return authentic(() => privateDecrypt({ key, padding, oaepHash }, ciphertext));
}

function authentic<T>(open: () => T): T {
  try {
    return open();
  } catch (cause) {
    throw new StrongroomError('ciphertext-invalid', { cause });
  }
}
