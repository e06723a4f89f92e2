/**
 * The keys that principals are enrolled with. The length of the public key tells the algorithm: 32 octets are Ed25519, 33 a
 * compressed point of P-256. So whoever holds the public key knows how to verify, and nothing that a caller sends has a say
 * in it (RFC 8725 section 3.1). Private keys and signatures have the same length in both.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  p256PrivateKey,
  p256PublicKey,
  p256PublicKeyBytes,
  p256RawPublicKey,
  p256Sign,
  p256Verify,
} from './ecdsa-p256.ts';
import {
  ed25519PrivateKey,
  ed25519PublicKey,
  ed25519PublicKeyBytes,
  ed25519RawPublicKey,
  ed25519Sign,
  ed25519Verify,
} from './ed25519.ts';

export type SigningAlgorithm = 'ed25519' | 'ecdsa-p256';

export interface SigningScheme {
  readonly algorithm: SigningAlgorithm;
  readonly publicKeyBytes: number;
  generate(): KeyObject;
  /** Throws for what is not 32 octets of a private key. */
  privateKey(octets: Uint8Array): KeyObject;
  /** Throws for what is not a public key. */
  publicKey(raw: Uint8Array): KeyObject;
  rawPublicKey(key: KeyObject): Uint8Array;
  /** 64 octets. */
  sign(key: KeyObject, data: Uint8Array): Uint8Array;
  /** False for every key and signature that is not one; never throws. */
  verify(raw: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean;
}

export const signingSchemes: Readonly<Record<SigningAlgorithm, SigningScheme>> = Object.freeze({
  ed25519: {
    algorithm: 'ed25519',
    publicKeyBytes: ed25519PublicKeyBytes,
    generate: () => generateKeyPairSync('ed25519').privateKey,
    privateKey: ed25519PrivateKey,
    publicKey: ed25519PublicKey,
    rawPublicKey: ed25519RawPublicKey,
    sign: ed25519Sign,
    verify: ed25519Verify,
  },
  'ecdsa-p256': {
    algorithm: 'ecdsa-p256',
    publicKeyBytes: p256PublicKeyBytes,
    generate: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    privateKey: p256PrivateKey,
    publicKey: p256PublicKey,
    rawPublicKey: p256RawPublicKey,
    sign: p256Sign,
    verify: p256Verify,
  },
});

/** `undefined` for the length of no key. */
export function schemeOfPublicKey(raw: Uint8Array): SigningScheme | undefined {
  return Object.values(signingSchemes).find(({ publicKeyBytes }) => publicKeyBytes === raw.length);
}

export function isPublicKey(raw: Uint8Array): boolean {
  try {
    return schemeOfPublicKey(raw)?.publicKey(raw) !== undefined;
  } catch {
    // The length fits, the bytes are no point of the curve.
    return false;
  }
}

/** False for every key and signature that is not one; never throws. */
export function verifySignature(raw: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  return schemeOfPublicKey(raw)?.verify(raw, data, signature) ?? false;
}
