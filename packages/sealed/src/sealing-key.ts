/**
 * The key pairs that callers seal to: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM (RFC 9180 section 7), one pair
 * per epoch, shared by the workers of a pool.
 */
import { SecretBytes } from '@strongroom/secret';
import { CipherSuite } from 'hpke';
import { aes256Gcm, dhkemX25519, hkdfSha256, type X25519Key, type X25519KeyPair } from './hpke-primitives.ts';
import type { ObliviousProtocol } from './oblivious.ts';

const cipher = new CipherSuite(dhkemX25519, hkdfSha256, aes256Gcm);

export const sealedProtocol: ObliviousProtocol = Object.freeze({
  suite: Object.freeze({ cipher, responseCipher: 'aes-256-gcm' }),
  labels: Object.freeze({
    request: 'message/strongroom request',
    response: 'message/strongroom response',
  }),
});

/** The public half as a verified statement names it. */
export interface SealingPublicKey {
  readonly epoch: number;
  readonly keyId: number;
  /** 32 raw bytes. */
  readonly publicKey: Uint8Array;
}

/** The private half, ready for use; it can not be exported again. */
export interface SealingPrivateKey {
  readonly epoch: number;
  readonly keyId: number;
  readonly keys: X25519KeyPair;
}

/** Key id of RFC 9458: one octet. */
export function sealingKeyId(epoch: number): number {
  return epoch % 256;
}

/** The private half leaves only to be wrapped by the HSM and stored. */
export async function generateSealingKey(): Promise<{ privateKey: SecretBytes; publicKey: Uint8Array }> {
  const { privateKey, publicKey } = await cipher.GenerateKeyPair(true);
  return {
    privateKey: SecretBytes.adopt(await cipher.SerializePrivateKey(privateKey)),
    publicKey: await cipher.SerializePublicKey(publicKey),
  };
}

/** Throws `TypeError` or the library's error where the bytes are not the two halves of one key. */
export async function importSealingKey(
  epoch: number,
  privateKey: SecretBytes,
  publicKey: Uint8Array,
): Promise<SealingPrivateKey> {
  const imported = await privateKey.use((bytes) => cipher.DeserializePrivateKey(bytes, false));
  const keys = { privateKey: imported, publicKey: await importPublicKey(publicKey) };
  await assertPair(keys);
  return { epoch, keyId: sealingKeyId(epoch), keys };
}

export async function importPublicKey(publicKey: Uint8Array): Promise<X25519Key> {
  return cipher.DeserializePublicKey(publicKey);
}

/** A database that swaps the stored halves of two epochs must be noticed here and not as a riddle at the callers. */
async function assertPair(keys: X25519KeyPair): Promise<void> {
  const probe = Uint8Array.of(1);
  const { encapsulatedSecret, ciphertext } = await cipher.Seal(keys.publicKey, probe);
  await cipher.Open(keys, encapsulatedSecret, ciphertext);
}
