/**
 * The published vectors fix the ephemeral key, which no interface of a library should offer. Here the library's own KEM is
 * given a key pair generator that always answers the vector's key, so that everything else is the library.
 */
import { createPrivateKey, createPublicKey, type webcrypto } from 'node:crypto';
import {
  AEAD_AES_128_GCM,
  AEAD_AES_256_GCM,
  CipherSuite,
  KDF_HKDF_SHA256,
  KEM_DHKEM_X25519_HKDF_SHA256,
  type KeyPair,
} from 'hpke';
import type { ObliviousSuite } from '../../src/oblivious.ts';

type Keys = KeyPair<webcrypto.CryptoKey>;

const aeads = { 'aes-128-gcm': AEAD_AES_128_GCM, 'aes-256-gcm': AEAD_AES_256_GCM };
const pkcs8Prefix = Buffer.from('302e020100300506032b656e04220420', 'hex');

export const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export function deterministicSuite(aead: keyof typeof aeads, ephemeral: Keys): ObliviousSuite {
  const kem = () => ({ ...KEM_DHKEM_X25519_HKDF_SHA256(), GenerateKeyPair: async () => ephemeral });
  return { cipher: new CipherSuite(kem, KDF_HKDF_SHA256, aeads[aead]), responseCipher: aead };
}

/** Both halves from the private one. */
export async function x25519Keys(privateKey: string): Promise<Keys> {
  const kem = KEM_DHKEM_X25519_HKDF_SHA256();
  const raw = unhex(privateKey);
  const der = Buffer.concat([pkcs8Prefix, raw]);
  const half = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  const publicKey = half.export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    privateKey: await kem.DeserializePrivateKey(raw, false),
    publicKey: await kem.DeserializePublicKey(publicKey),
  };
}
