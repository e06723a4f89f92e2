/**
 * The signatures of `MemoryHsm`. node:crypto signs messages and not digests, so what is built on digests is spelled out
 * here: PKCS#1 v1.5 and PSS (RFC 8017 sections 9.1 and 9.2) around the raw RSA operation, ECDSA (FIPS 186-5 section 6.4)
 * around a point multiplication.
 */
import {
  constants,
  createECDH,
  createHash,
  hash,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { StrongroomError } from '@strongroom/errors';
import type { MemoryKeyType } from './memory-key.ts';

type Digest = 'sha256' | 'sha384' | 'sha512';
export type MemorySignatureAlgorithm =
  | 'ed25519'
  | 'ecdsa-sha256'
  | 'ecdsa-sha384'
  | `rsa-pss-${Digest}`
  | `rsa-pkcs1-${Digest}`;

const digestBytes = { sha256: 32, sha384: 48, sha512: 64 } as const;
const messageBytesMax = 1 << 20;
export const rsaTypes: readonly MemoryKeyType[] = ['rsa-2048', 'rsa-3072', 'rsa-4096'];

export function typesOf(algorithm: MemorySignatureAlgorithm): readonly MemoryKeyType[] {
  if (algorithm === 'ed25519') return ['ed25519'];
  if (algorithm.startsWith('rsa')) return rsaTypes;
  return [algorithm === 'ecdsa-sha256' ? 'ec-p256' : 'ec-p384'];
}

/** The message of Ed25519, the digest of all others. */
export function signedValue(
  algorithm: MemorySignatureAlgorithm,
  data: Uint8Array,
  input: 'message' | 'digest',
): Uint8Array {
  if (data.length === 0) throw new StrongroomError('request-invalid');
  if (data.length > messageBytesMax) throw new StrongroomError('message-too-large');
  if (algorithm === 'ed25519') {
    if (input === 'digest') throw new StrongroomError('request-invalid');
    return data;
  }
  const name = digestOf(algorithm);
  if (input === 'message') return hash(name, data, 'buffer');
  if (data.length !== digestBytes[name]) throw new StrongroomError('request-invalid');
  return data;
}

export function signValue(
  algorithm: MemorySignatureAlgorithm,
  key: KeyObject,
  value: Uint8Array,
): Uint8Array {
  if (algorithm === 'ed25519') return sign(null, value, key);
  if (algorithm.startsWith('ecdsa')) return ecdsaSign(algorithm, key, value);
  if (algorithm.startsWith('rsa-pss')) {
    const encoded = pssEncode(digestOf(algorithm), value, rsaBytes(key), randomBytes(value.length));
    return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
  }
  return privateEncrypt(
    { key, padding: constants.RSA_PKCS1_PADDING },
    digestInfo(digestOf(algorithm), value),
  );
}

/** With the private key, which the double has, and which makes ECDSA's check one multiplication. */
export function verifyValue(
  algorithm: MemorySignatureAlgorithm,
  key: KeyObject,
  value: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    if (algorithm === 'ed25519') return verify(null, value, key, signature);
    if (algorithm.startsWith('ecdsa')) return ecdsaVerify(algorithm, key, value, signature);
    const digest = digestOf(algorithm);
    if (algorithm.startsWith('rsa-pkcs1')) {
      const opened = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
      return opened.equals(digestInfo(digest, value));
    }
    const encoded = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
    const salt = pssSalt(digest, encoded);
    return timingSafeEqual(encoded, pssEncode(digest, value, encoded.length, salt));
  } catch {
    return false;
  }
}

const digestOf = (algorithm: MemorySignatureAlgorithm) => algorithm.split('-').at(-1) as Digest;
const rsaBytes = (key: KeyObject) => (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;

/** Object identifiers 2.16.840.1.101.3.4.2.1 to 3. */
function digestInfo(digest: Digest, value: Uint8Array): Buffer {
  const { length } = value;
  const arc = { sha256: 1, sha384: 2, sha512: 3 }[digest];
  const oid = Buffer.from([0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc]);
  const algorithm = Buffer.concat([Buffer.from([0x30, 0x0d, 0x06, 0x09]), oid, Buffer.from([0x05, 0x00])]);
  return Buffer.concat([Buffer.from([0x30, 17 + length]), algorithm, Buffer.from([0x04, length]), value]);
}

function pssEncode(digest: Digest, value: Uint8Array, bytes: number, salt: Uint8Array): Buffer {
  const mark = createHash(digest).update(Buffer.alloc(8)).update(value).update(salt).digest();
  const block = Buffer.alloc(bytes - mark.length - 1);
  block[block.length - salt.length - 1] = 1;
  block.set(salt, block.length - salt.length);
  const masked = xor(block, mask(digest, mark, block.length));
  masked[0] = (masked[0] as number) & 0x7f;
  return Buffer.concat([masked, mark, Buffer.from([0xbc])]);
}

function pssSalt(digest: Digest, encoded: Buffer): Buffer {
  const bytes = digestBytes[digest];
  const masked = encoded.subarray(0, -bytes - 1);
  const block = xor(masked, mask(digest, encoded.subarray(-bytes - 1, -1), masked.length));
  return block.subarray(-bytes);
}

/** MGF1 (RFC 8017 appendix B.2.1). */
function mask(digest: Digest, seed: Uint8Array, bytes: number): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0; counter * digestBytes[digest] < bytes; counter += 1) {
    const index = Buffer.alloc(4);
    index.writeUInt32BE(counter);
    blocks.push(createHash(digest).update(seed).update(index).digest());
  }
  return Buffer.concat(blocks).subarray(0, bytes);
}

const xor = (a: Uint8Array, b: Uint8Array) =>
  Buffer.from(a.map((octet, index) => octet ^ (b[index] as number)));

const curves = {
  'ecdsa-sha256': {
    name: 'prime256v1',
    bytes: 32,
    order: BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  },
  'ecdsa-sha384': {
    name: 'secp384r1',
    bytes: 48,
    order: BigInt(
      '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
    ),
  },
} as const;

function ecdsaSign(algorithm: MemorySignatureAlgorithm, key: KeyObject, value: Uint8Array): Buffer {
  const { order, bytes } = curves[algorithm as keyof typeof curves];
  for (;;) {
    const k = (number(randomBytes(bytes + 8)) % (order - 1n)) + 1n;
    const r = pointX(algorithm, k);
    const s = (inverse(k, order) * (number(value) + r * privateScalar(key))) % order;
    if (r !== 0n && s !== 0n) return Buffer.concat([octets(r, bytes), octets(s, bytes)]);
  }
}

function ecdsaVerify(
  algorithm: MemorySignatureAlgorithm,
  key: KeyObject,
  value: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { order, bytes } = curves[algorithm as keyof typeof curves];
  if (signature.length !== 2 * bytes) return false;
  const [r, s] = [number(signature.subarray(0, bytes)), number(signature.subarray(bytes))];
  if (r === 0n || s === 0n || r >= order || s >= order) return false;
  const k = ((number(value) + r * privateScalar(key)) * inverse(s, order)) % order;
  return k !== 0n && pointX(algorithm, k) === r;
}

/** x of k·G, modulo the order. */
function pointX(algorithm: MemorySignatureAlgorithm, k: bigint): bigint {
  const { name, bytes, order } = curves[algorithm as keyof typeof curves];
  const ecdh = createECDH(name);
  ecdh.setPrivateKey(octets(k, bytes));
  return number(ecdh.getPublicKey().subarray(1, 1 + bytes)) % order;
}

const privateScalar = (key: KeyObject) =>
  number(Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url'));
const number = (value: Uint8Array) => BigInt(`0x${Buffer.from(value).toString('hex')}`);
const octets = (value: bigint, bytes: number) =>
  Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex');

/** By Fermat: the order is prime. */
function inverse(value: bigint, order: bigint): bigint {
  let [result, base, exponent] = [1n, value % order, order - 2n];
  for (; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * base) % order;
    base = (base * base) % order;
  }
  return result;
}
