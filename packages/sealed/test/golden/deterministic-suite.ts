/**
 * The published vectors fix the ephemeral key, which no interface should offer. Here our KEM is given a key pair generator
 * that always answers the vector's key; everything else is what carries our traffic.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { CipherSuite } from 'hpke';
import {
  aes128Gcm,
  aes256Gcm,
  dhkemX25519,
  hkdfSha256,
  type X25519KeyPair,
} from '../../src/hpke-primitives.ts';
import type { ObliviousSuite } from '../../src/oblivious.ts';

const aeads = { 'aes-128-gcm': aes128Gcm, 'aes-256-gcm': aes256Gcm };
const pkcs8Prefix = Buffer.from('302e020100300506032b656e04220420', 'hex');

export const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export function deterministicSuite(aead: keyof typeof aeads, ephemeral: X25519KeyPair): ObliviousSuite {
  const kem = () => ({ ...dhkemX25519(), GenerateKeyPair: async () => ephemeral });
  return { cipher: new CipherSuite(kem, hkdfSha256, aeads[aead]), responseCipher: aead };
}

/** Both halves from the private one. */
export async function x25519Keys(privateKey: string): Promise<X25519KeyPair> {
  const kem = dhkemX25519();
  const raw = unhex(privateKey);
  const der = Buffer.concat([pkcs8Prefix, raw]);
  const half = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  const publicKey = half.export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    privateKey: await kem.DeserializePrivateKey(raw, false),
    publicKey: await kem.DeserializePublicKey(publicKey),
  };
}
