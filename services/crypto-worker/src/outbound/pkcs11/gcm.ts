/**
 * AES-GCM as the port frames it: 12 octets of nonce, ciphertext, 16 octets of tag.
 *
 * SoftHSM takes an IV of any length, even an empty one, so the length is held here by construction. The output buffer of
 * a decryption is as long as its input: given exactly the plaintext's length it fails and leaves the operation open.
 * An empty plaintext is refused by the token with the operation left open, so it never gets there.
 */
import { StrongroomError } from '@strongroom/errors';
import { ckm, gcmParametersTag } from './constants.ts';
import type { Cryptoki, Handle, Mechanism } from './cryptoki.ts';
import { asForged } from './forged.ts';
import { countInvocation, type InvocationCount } from './invocation-counts.ts';
import type { NonceSource } from './nonce-source.ts';

const nonceBytes = 12;
const tagBytes = 16;
/** A bound on what one call copies while the event loop stands still. */
const plaintextBytesMax = 1 << 20;

export interface GcmKey {
  readonly handle: Handle;
  readonly invocations: InvocationCount;
}

/** One object for all calls: the module has read it by the time that a synchronous call returns. */
const parameter: { iv: Uint8Array; aad: Uint8Array } & Record<'type' | 'ivBits' | 'tagBits', number> = {
  type: gcmParametersTag,
  iv: new Uint8Array(nonceBytes),
  ivBits: nonceBytes * 8,
  aad: new Uint8Array(0),
  tagBits: tagBytes * 8,
};
const mechanism: Mechanism = { mechanism: ckm.aesGcm, parameter };

function withParameters(nonce: Uint8Array, associatedData: Uint8Array): Mechanism {
  parameter.iv = nonce;
  parameter.aad = associatedData;
  return mechanism;
}

export function requirePlaintext(plaintext: Uint8Array): void {
  if (plaintext.length === 0) throw new StrongroomError('request-invalid', { detail: 'plaintext is empty' });
  if (plaintext.length > plaintextBytesMax) {
    throw new StrongroomError('message-too-large', { detail: 'plaintext' });
  }
}

export function requireSealed(sealed: Uint8Array): void {
  if (sealed.length <= nonceBytes + tagBytes || sealed.length > plaintextBytesMax + nonceBytes + tagBytes) {
    throw new StrongroomError('ciphertext-invalid');
  }
}

export function gcmEncrypt(
  cryptoki: Cryptoki,
  session: Handle,
  nonces: NonceSource,
  key: GcmKey,
  plaintext: Uint8Array,
  associatedData: Uint8Array,
): Uint8Array {
  countInvocation(key.invocations);
  // From the pool, which is quicker: a ciphertext is nothing to keep apart.
  const sealed = Buffer.allocUnsafe(nonceBytes + plaintext.length + tagBytes);
  const nonce = sealed.subarray(0, nonceBytes);
  nonces.fill(session, nonce);
  cryptoki.C_EncryptInit(session, withParameters(nonce, associatedData), key.handle);
  const body = cryptoki.C_Encrypt(session, plaintext, sealed.subarray(nonceBytes));
  if (body.length !== plaintext.length + tagBytes) {
    throw new StrongroomError('hsm-inconsistent', { detail: 'length of an AES-GCM ciphertext' });
  }
  return sealed;
}

/**
 * Throws `ciphertext-invalid` only where the device says so in words, or says nothing in particular and
 * `proveKeyWorks`, on another session, does not throw. The session stays usable after a wrong tag.
 */
export function gcmDecrypt(
  cryptoki: Cryptoki,
  session: Handle,
  key: GcmKey,
  sealed: Uint8Array,
  associatedData: Uint8Array,
  proveKeyWorks: (key: GcmKey) => void,
): Uint8Array {
  const nonce = sealed.subarray(0, nonceBytes);
  const body = sealed.subarray(nonceBytes);
  cryptoki.C_DecryptInit(session, withParameters(nonce, associatedData), key.handle);
  try {
    return cryptoki.C_Decrypt(session, body, Buffer.allocUnsafeSlow(body.length));
  } catch (error) {
    throw asForged(error, () => proveKeyWorks(key));
  }
}

const proof = new Uint8Array(16);

/** Encrypts a block of zeros: with a token key that makes SoftHSM read the token's files again. */
export function encryptProof(cryptoki: Cryptoki, session: Handle, nonces: NonceSource, key: GcmKey): void {
  gcmEncrypt(cryptoki, session, nonces, key, proof, noData);
}

const noData = new Uint8Array(0);
