/** The keys of `MemoryHsm`: how each type is made, taken in and let out. Written against the shape of the port. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';

export const secretBytes = {
  'aes-128': 16,
  'aes-256': 32,
  'hmac-sha256': 32,
  'hmac-sha384': 48,
  'hmac-sha512': 64,
} as const;
export type SecretType = keyof typeof secretBytes;
export type PairType = 'rsa-2048' | 'rsa-3072' | 'rsa-4096' | 'ec-p256' | 'ec-p384' | 'ed25519';
export type MemoryKeyType = SecretType | PairType;

export interface MemoryKeySpec {
  readonly type: MemoryKeyType;
  readonly use: 'encrypt' | 'wrap' | 'sign' | 'mac';
  readonly exportable?: boolean;
}

export type MemoryKey = { readonly spec: MemoryKeySpec; readonly local: boolean } & (
  | { readonly secret: Uint8Array }
  | { readonly privateKey: KeyObject }
);

const usesOf = (type: MemoryKeyType): readonly string[] => {
  if (type.startsWith('aes')) return ['encrypt', 'wrap'];
  if (type.startsWith('hmac')) return ['mac'];
  return type.startsWith('rsa') ? ['encrypt', 'wrap', 'sign'] : ['sign'];
};

export function requireSpec({ type, use }: MemoryKeySpec): void {
  if (!usesOf(type).includes(use)) throw new StrongroomError('request-invalid');
}

export function generateKey(spec: MemoryKeySpec): MemoryKey {
  const { type } = spec;
  if (isSecretType(type)) return { spec, local: true, secret: randomBytes(secretBytes[type]) };
  return { spec, local: true, privateKey: generatePair(type) };
}

function generatePair(type: PairType): KeyObject {
  if (type === 'ed25519') return generateKeyPairSync('ed25519').privateKey;
  if (type === 'ec-p256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  if (type === 'ec-p384') return generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  return generateKeyPairSync('rsa', { modulusLength: Number(type.slice(4)) }).privateKey;
}

/** The key of these octets: raw, or PKCS#8 with its public key to compare. */
export function takeIn(
  spec: MemoryKeySpec,
  octets: Uint8Array,
  publicKey: Uint8Array | undefined,
): MemoryKey {
  const { type } = spec;
  if (isSecretType(type)) {
    if (octets.length !== secretBytes[type]) throw new StrongroomError('ciphertext-invalid');
    return { spec, local: false, secret: octets };
  }
  const privateKey = parsed('ciphertext-invalid', () =>
    createPrivateKey({ key: Buffer.from(octets), format: 'der', type: 'pkcs8' }),
  );
  if (typeOf(privateKey) !== type) throw new StrongroomError('ciphertext-invalid');
  const key = { spec, local: false, privateKey };
  if (!Buffer.from(publicKey ?? []).equals(spkiOf(key) ?? Buffer.alloc(0))) {
    throw new StrongroomError('request-invalid');
  }
  return key;
}

/** Of an import: a pair comes with a public key of its type, a secret key with none. */
export function requirePublicKey({ type }: MemoryKeySpec, publicKey: Uint8Array | undefined): void {
  if (isSecretType(type) !== (publicKey === undefined)) throw new StrongroomError('request-invalid');
  if (publicKey === undefined) return;
  const key = parsed('request-invalid', () =>
    createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }),
  );
  if (typeOf(key) !== type) throw new StrongroomError('request-invalid');
}

export function letOut(key: MemoryKey): Uint8Array {
  if ('secret' in key) return key.secret;
  return key.privateKey.export({ format: 'der', type: 'pkcs8' });
}

export function spkiOf(key: MemoryKey): Buffer | undefined {
  if ('secret' in key) return undefined;
  return createPublicKey(key.privateKey).export({ format: 'der', type: 'spki' });
}

export function usagesOf({ spec: { type, use } }: MemoryKey): readonly string[] {
  if (!isSecretType(type))
    return { encrypt: ['decrypt'], wrap: ['decrypt', 'unwrap'], sign: ['sign'], mac: [] }[use];
  if (use === 'mac') return ['sign', 'verify'];
  return use === 'wrap' ? ['decrypt', 'encrypt', 'unwrap', 'wrap'] : ['decrypt', 'encrypt'];
}

function isSecretType(type: MemoryKeyType): type is SecretType {
  return Object.hasOwn(secretBytes, type);
}

function typeOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): MemoryKeyType | undefined {
  if (asymmetricKeyType === 'ed25519') return 'ed25519';
  if (asymmetricKeyType === 'rsa') return `rsa-${asymmetricKeyDetails?.modulusLength}` as PairType;
  const curves: Record<string, PairType> = { prime256v1: 'ec-p256', secp384r1: 'ec-p384' };
  return curves[asymmetricKeyDetails?.namedCurve ?? ''];
}

function parsed<T>(code: 'ciphertext-invalid' | 'request-invalid', parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw isStrongroomError(cause) ? cause : new StrongroomError(code, { cause });
  }
}
