/** Public keys between SubjectPublicKeyInfo (RFC 5280), which the port speaks, and the attributes of PKCS#11. */
import { createPublicKey } from 'node:crypto';
import { StrongroomError } from '@strongroom/errors';
import type { HsmKeyType } from '../../ports/hsm-key.ts';
import { cka } from './constants.ts';
import type { Attribute, Handle } from './cryptoki.ts';
import { readValues } from './key-attributes.ts';
import { type CurveKind, type KeyKind, kindOf, pairTypes } from './key-kind.ts';
import type { TokenConnection } from './token-connection.ts';

/** SPKI DER of the pair with this label. */
export function publicKeyOf(connection: TokenConnection, label: string): Uint8Array {
  const handle = connection.publicHandle(label, pairTypes);
  return readPublicKey(connection, connection.key(label, pairTypes).type, handle);
}

/** SPKI DER of the public half of a pair of this type. */
export function readPublicKey(connection: TokenConnection, type: HsmKeyType, publicHalf: Handle): Uint8Array {
  const kind = kindOf(type);
  if ('curve' in kind) {
    const [point] = readValues(connection, publicHalf, [cka.ecPoint]);
    return Buffer.concat([kind.publicKeyPrefix, pointOf(kind, point ?? new Uint8Array(0))]);
  }
  const [modulus, exponent] = readValues(connection, publicHalf, [cka.modulus, cka.publicExponent]);
  const jwk = { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) };
  return createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'der', type: 'spki' });
}

const base64url = (value: Uint8Array | undefined) => Buffer.from(value ?? []).toString('base64url');

/**
 * CKA_EC_POINT: the DER OCTET STRING of PKCS#11 v2.40 (which SoftHSM gives), the octets as they are, or, for Edwards keys,
 * the BIT STRING of later texts.
 */
export function pointOf({ pointBytes }: Pick<CurveKind, 'pointBytes'>, encoded: Uint8Array): Uint8Array {
  const prefixes = ['', octetString(pointBytes), '032100'];
  for (const prefix of prefixes) {
    const octets = Buffer.from(prefix, 'hex');
    if (encoded.length !== octets.length + pointBytes) continue;
    if (octets.equals(encoded.subarray(0, octets.length)))
      return Uint8Array.from(encoded.subarray(octets.length));
  }
  throw new StrongroomError('hsm-inconsistent', { detail: 'encoding of a public key' });
}

/** Tag and length; all points are shorter than 128 octets. */
const octetString = (length: number) => `04${length.toString(16).padStart(2, '0')}`;

/** What a public key object of this kind is made of. Throws `request-invalid` for a key of another kind or no key. */
export function publicKeyValues(kind: KeyKind, spki: Uint8Array): readonly Attribute[] {
  if ('curve' in kind) {
    const { curve, publicKeyPrefix, pointBytes } = kind;
    const point = Buffer.from(spki.subarray(publicKeyPrefix.length));
    if (!publicKeyPrefix.equals(spki.subarray(0, publicKeyPrefix.length)) || point.length !== pointBytes) {
      throw invalid();
    }
    parsed(spki);
    // The standard has points of Edwards curves as they are (PKCS#11 v3.0, section 2.3.5), others as an OCTET STRING.
    const isPlain = kind.family === 'ed25519';
    const encoded = isPlain ? point : Buffer.concat([Buffer.from(octetString(pointBytes), 'hex'), point]);
    return [
      { type: cka.ecParams, value: curve },
      { type: cka.ecPoint, value: encoded },
    ];
  }
  const { n, e } = parsed(spki).export({ format: 'jwk' });
  const modulus = Buffer.from(n ?? '', 'base64url');
  if (!('bits' in kind) || modulus.length * 8 !== kind.bits) throw invalid();
  return [
    { type: cka.modulus, value: modulus },
    { type: cka.publicExponent, value: Buffer.from(e ?? '', 'base64url') },
  ];
}

/** Throws `request-invalid`: also for a point that is not on its curve. */
function parsed(spki: Uint8Array) {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch (cause) {
    throw new StrongroomError('request-invalid', { detail: 'public key', cause });
  }
}

const invalid = () => new StrongroomError('request-invalid', { detail: 'public key' });
