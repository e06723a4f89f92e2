/**
 * What each key type of the port is in PKCS#11. Adding a type is a row. An HMAC key is a generic secret as long as its
 * hash, and its length says which hash it is for: PKCS#11 v2.40 has no key type for it.
 */
import { StrongroomError } from '@strongroom/errors';
import type { HsmKeyType, HsmKeyUse } from '../../ports/hsm-key.ts';
import { ckk, ckm } from './constants.ts';

export type KeyFamily = 'aes' | 'hmac' | 'rsa' | 'ec' | 'ed25519';

interface KindOf<Family extends KeyFamily> {
  readonly type: HsmKeyType;
  readonly family: Family;
  readonly keyType: number;
  readonly generation: number;
  readonly uses: readonly HsmKeyUse[];
}

export interface SecretKind extends KindOf<'aes' | 'hmac'> {
  readonly bytes: number;
  /** The mechanism that the key is used with. */
  readonly mechanism: number;
}

export interface RsaKind extends KindOf<'rsa'> {
  readonly bits: number;
}

export interface CurveKind extends KindOf<'ec' | 'ed25519'> {
  /** DER of the curve's object identifier, as CKA_EC_PARAMS has it. */
  readonly curve: Buffer;
  /** The curve's name as a PrintableString, which PKCS#11 v3.0 allows as well: SoftHSM tells it of private halves. */
  readonly curveName?: Buffer;
  /** SubjectPublicKeyInfo up to the point. */
  readonly publicKeyPrefix: Buffer;
  readonly pointBytes: number;
}

export type KeyKind = SecretKind | RsaKind | CurveKind;

const aes = (type: HsmKeyType, bytes: number): SecretKind => ({
  type,
  family: 'aes',
  keyType: ckk.aes,
  generation: ckm.aesKeyGen,
  uses: ['encrypt', 'wrap'],
  bytes,
  mechanism: ckm.aesGcm,
});

const hmac = (type: HsmKeyType, bytes: number, mechanism: number): SecretKind => ({
  type,
  family: 'hmac',
  keyType: ckk.genericSecret,
  generation: ckm.genericSecretKeyGen,
  uses: ['mac'],
  bytes,
  mechanism,
});

const rsa = (type: HsmKeyType, bits: number): RsaKind => ({
  type,
  family: 'rsa',
  keyType: ckk.rsa,
  generation: ckm.rsaKeyPairGen,
  uses: ['encrypt', 'wrap', 'sign'],
  bits,
});

const ec = (type: HsmKeyType, curve: string, publicKeyPrefix: string, pointBytes: number): CurveKind => ({
  type,
  family: 'ec',
  keyType: ckk.ec,
  generation: ckm.ecKeyPairGen,
  uses: ['sign'],
  curve: Buffer.from(curve, 'hex'),
  publicKeyPrefix: Buffer.from(publicKeyPrefix, 'hex'),
  pointBytes,
});

/** Object identifiers and SubjectPublicKeyInfo: RFC 5480 for the NIST curves, RFC 8410 for Ed25519. */
const kinds: readonly KeyKind[] = [
  aes('aes-128', 16),
  aes('aes-256', 32),
  hmac('hmac-sha256', 32, ckm.sha256Hmac),
  hmac('hmac-sha384', 48, ckm.sha384Hmac),
  hmac('hmac-sha512', 64, ckm.sha512Hmac),
  rsa('rsa-2048', 2_048),
  rsa('rsa-3072', 3_072),
  rsa('rsa-4096', 4_096),
  ec('ec-p256', '06082a8648ce3d030107', '3059301306072a8648ce3d020106082a8648ce3d030107034200', 65),
  ec('ec-p384', '06052b81040022', '3076301006072a8648ce3d020106052b81040022036200', 97),
  {
    type: 'ed25519',
    family: 'ed25519',
    keyType: ckk.ecEdwards,
    generation: ckm.ecEdwardsKeyPairGen,
    uses: ['sign'],
    curve: Buffer.from('06032b6570', 'hex'),
    curveName: Buffer.from('\x13\x0cedwards25519'),
    publicKeyPrefix: Buffer.from('302a300506032b6570032100', 'hex'),
    pointBytes: 32,
  },
];

const byType = new Map(kinds.map((kind) => [kind.type, kind]));

export const keyTypes: readonly HsmKeyType[] = kinds.map(({ type }) => type);

export const aesTypes = keyTypes.filter((type) => kindOf(type).family === 'aes');
export const hmacTypes = keyTypes.filter((type) => kindOf(type).family === 'hmac');
export const rsaTypes = keyTypes.filter((type) => kindOf(type).family === 'rsa');
export const pairTypes = keyTypes.filter((type) => !isSecret(kindOf(type)));

export function kindOf(type: HsmKeyType): KeyKind {
  const kind = byType.get(type);
  if (kind === undefined) throw new StrongroomError('request-invalid', { detail: 'key type' });
  return kind;
}

export function isSecret(kind: KeyKind): kind is SecretKind {
  return kind.family === 'aes' || kind.family === 'hmac';
}

/** What the token says of a key that tells its kind: key type, and length, modulus or curve. */
export function kindAmong(keyType: number, told: { bytes: number; modulus: number; curve: Buffer }) {
  return kinds.find((kind) => {
    if (kind.keyType !== keyType) return false;
    if (kind.family === 'rsa') return kind.bits === told.modulus * 8;
    if ('bytes' in kind) return kind.bytes === told.bytes;
    return kind.curve.equals(told.curve) || kind.curveName?.equals(told.curve) === true;
  });
}
