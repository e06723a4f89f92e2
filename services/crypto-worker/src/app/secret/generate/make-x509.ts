/**
 * The key pair of a certificate, and the request to sign it. Curves are of the HSM's random octets. RSA is of OpenSSL's generator:
 * the HSM gives octets, and to make primes of them is nothing to do by oneself. It runs on another thread, for seconds at worst.
 */
import { generateKeyPair, type KeyObject } from 'node:crypto';
import type { X509Algorithm, X509Recipe } from '@strongroom/contracts';
import { SecretBytes } from '@strongroom/secret';
import { p256PrivateKey } from '../../../domain/generate/p256-scalar.ts';
import { signingRequest } from '../../../domain/generate/signing-request.ts';
import { ed25519PrivateKey } from '../../../domain/secret-kind/ed25519-seed.ts';
import type { Hsm } from '../../../ports/hsm.ts';
import type { MadeValue } from './make-value.ts';

type Random = Pick<Hsm, 'random'>;

interface PairMaker {
  readonly make: (hsm: Random) => Promise<KeyObject>;
  readonly entropyBits: number;
}

const seedBytes = 32;

const makers: Readonly<Record<X509Algorithm, PairMaker>> = {
  // Of 2^256 scalars of P-256 so many are below its order that 255 whole bits are left.
  'ecdsa-p256': { make: (hsm) => fromSeed(hsm, p256PrivateKey), entropyBits: 255 },
  ed25519: { make: (hsm) => fromSeed(hsm, ed25519PrivateKey), entropyBits: 256 },
  'rsa-2048': rsa(2_048),
  'rsa-3072': rsa(3_072),
  'rsa-4096': rsa(4_096),
};

export async function makeX509(hsm: Random, recipe: X509Recipe): Promise<MadeValue> {
  const { make, entropyBits } = makers[recipe.algorithm];
  const key = await make(hsm);
  const pem = Buffer.from(key.export({ format: 'pem', type: 'pkcs8' }) as string);
  return { value: SecretBytes.adopt(pem), entropyBits, signingRequest: signingRequest(key, recipe) };
}

async function fromSeed(hsm: Random, keyOf: (seed: Uint8Array) => KeyObject | undefined): Promise<KeyObject> {
  for (;;) {
    using seed = SecretBytes.adopt(await hsm.random(seedBytes));
    const key = seed.use(keyOf);
    if (key !== undefined) return key;
  }
}

/** However many pairs of primes there are: OpenSSL's generator starts from 256 bits (SP 800-90A, CTR_DRBG with AES-256). */
function rsa(modulusLength: number): PairMaker {
  return { make: () => newRsaKey(modulusLength), entropyBits: 256 };
}

function newRsaKey(modulusLength: number): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    generateKeyPair('rsa', { modulusLength, publicExponent: 65_537 }, (fault, _publicKey, privateKey) => {
      if (fault === null) resolve(privateKey);
      else reject(fault);
    });
  });
}
