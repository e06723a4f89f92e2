/**
 * The signature algorithms of the port as PKCS#11 mechanisms. The token is always given the digest, which the mechanisms
 * that hash by themselves would compute from the same message: so one form serves messages and digests, and every token
 * that has the plain mechanism will do. Only Ed25519 takes the message, because it hashes it twice, together with the key.
 */
import { hash } from 'node:crypto';
import { StrongroomError } from '@strongroom/errors';
import type { HsmKeyType, HsmSignatureAlgorithm, HsmSignatureInput } from '../../ports/hsm-key.ts';
import { ckg, ckm, pssParametersTag } from './constants.ts';
import type { Mechanism } from './cryptoki.ts';
import { kindOf, rsaTypes } from './key-kind.ts';

type Digest = 'sha256' | 'sha384' | 'sha512';

export interface SignatureScheme {
  readonly types: readonly HsmKeyType[];
  readonly mechanism: Mechanism;
  readonly digest: { readonly name: Digest; readonly bytes: number } | undefined;
  /** What PKCS#1 v1.5 puts in front of the digest (RFC 8017 section 9.2, note 1). */
  readonly prefix: Buffer;
  readonly isSlow: boolean;
}

const digests = {
  sha256: {
    bytes: 32,
    mechanism: ckm.sha256,
    mask: ckg.mgf1Sha256,
    info: '3031300d060960864801650304020105000420',
  },
  sha384: {
    bytes: 48,
    mechanism: ckm.sha384,
    mask: ckg.mgf1Sha384,
    info: '3041300d060960864801650304020205000430',
  },
  sha512: {
    bytes: 64,
    mechanism: ckm.sha512,
    mask: ckg.mgf1Sha512,
    info: '3051300d060960864801650304020305000440',
  },
} as const;
const none = Buffer.alloc(0);

function scheme(
  types: readonly HsmKeyType[],
  mechanism: Mechanism,
  name: Digest,
  prefix = none,
): SignatureScheme {
  return {
    types,
    mechanism,
    digest: { name, bytes: digests[name].bytes },
    prefix,
    isSlow: types === rsaTypes,
  };
}

function pss(name: Digest): SignatureScheme {
  const { bytes, mechanism, mask } = digests[name];
  const parameter = { type: pssParametersTag, hashAlg: mechanism, mgf: mask, saltLen: bytes };
  return scheme(rsaTypes, { mechanism: ckm.rsaPss, parameter }, name);
}

const pkcs1 = (name: Digest) =>
  scheme(rsaTypes, { mechanism: ckm.rsaPkcs }, name, Buffer.from(digests[name].info, 'hex'));

const schemes: Readonly<Record<HsmSignatureAlgorithm, SignatureScheme>> = {
  ed25519: {
    types: ['ed25519'],
    mechanism: { mechanism: ckm.eddsa },
    digest: undefined,
    prefix: none,
    isSlow: false,
  },
  'ecdsa-sha256': scheme(['ec-p256'], { mechanism: ckm.ecdsa }, 'sha256'),
  'ecdsa-sha384': scheme(['ec-p384'], { mechanism: ckm.ecdsa }, 'sha384'),
  'rsa-pss-sha256': pss('sha256'),
  'rsa-pss-sha384': pss('sha384'),
  'rsa-pss-sha512': pss('sha512'),
  'rsa-pkcs1-sha256': pkcs1('sha256'),
  'rsa-pkcs1-sha384': pkcs1('sha384'),
  'rsa-pkcs1-sha512': pkcs1('sha512'),
};

export const signatureAlgorithms = Object.keys(schemes) as HsmSignatureAlgorithm[];

export function schemeOf(algorithm: HsmSignatureAlgorithm): SignatureScheme {
  if (!Object.hasOwn(schemes, algorithm)) {
    throw new StrongroomError('request-invalid', { detail: 'signature algorithm' });
  }
  return schemes[algorithm];
}

/**
 * Octets of a signature by a key of the type. NSS makes an Ed25519 signature into a buffer of exactly these and no more,
 * so no call is given a larger one.
 */
export function signatureBytes(type: HsmKeyType): number {
  const kind = kindOf(type);
  if ('bits' in kind) return kind.bits / 8;
  return kind.family === 'ec' && 'pointBytes' in kind ? kind.pointBytes - 1 : 64;
}

const messageBytesMax = 1 << 20;

/** What the token is given to sign. Throws `request-invalid`, `message-too-large`. */
export function toBeSigned(
  { digest, prefix }: SignatureScheme,
  data: Uint8Array,
  input: HsmSignatureInput,
): Uint8Array {
  if (data.length === 0) throw new StrongroomError('request-invalid', { detail: 'data is empty' });
  if (data.length > messageBytesMax) throw new StrongroomError('message-too-large', { detail: 'data' });
  if (digest === undefined) {
    if (input === 'digest')
      throw new StrongroomError('request-invalid', { detail: 'Ed25519 signs messages' });
    return data;
  }
  if (input === 'digest' && data.length !== digest.bytes) {
    throw new StrongroomError('request-invalid', { detail: 'length of the digest' });
  }
  const value = input === 'digest' ? data : hash(digest.name, data, 'buffer');
  return prefix.length === 0 ? value : Buffer.concat([prefix, value]);
}
