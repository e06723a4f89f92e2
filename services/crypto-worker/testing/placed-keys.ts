/**
 * Keys of published vectors, put on a token as no platform code does: their octets are known, or only their public half is. What
 * the adapter then does with them is what it does with its own.
 */
import { createPublicKey } from 'node:crypto';
import { cka, ckk, cko } from '../src/outbound/pkcs11/constants.ts';
import type { Attribute } from '../src/outbound/pkcs11/cryptoki.ts';
import { type CurveKind, kindOf } from '../src/outbound/pkcs11/key-kind.ts';
import type { HsmKeyType } from '../src/ports/hsm.ts';
import { type AdapterOnSoftHsm, openSession } from './softhsm-adapter.ts';

/** CKA_PRIVATE_EXPONENT, which the platform never reads or writes. */
const privateExponent = 0x123;
/** DER of an octet string. */
const octetString = 0x04;

export function placeSecretKey(
  adapter: AdapterOnSoftHsm,
  label: string,
  type: HsmKeyType,
  secret: Uint8Array,
): void {
  const { keyType, family } = kindOf(type);
  const usages = family === 'aes' ? (['encrypt', 'decrypt', 'wrap', 'unwrap'] as const) : (['sign'] as const);
  place(adapter, label, [
    { type: cka.class, value: cko.secretKey },
    { type: cka.keyType, value: keyType },
    { type: cka.private, value: true },
    { type: cka.value, value: secret },
    ...usages.map((usage) => ({ type: cka[usage], value: true })),
  ]);
}

/** Without the private exponent the private half only says what the pair is: nothing can be signed with it. */
export function placePair(
  adapter: AdapterOnSoftHsm,
  label: string,
  type: HsmKeyType,
  spki: Uint8Array,
  exponent: Uint8Array = Buffer.of(1),
): void {
  const kind = kindOf(type);
  const { publicHalf, privateHalf } =
    kind.keyType === ckk.rsa ? rsaHalves(spki, exponent) : curveHalves(kind as CurveKind, spki, exponent);
  place(adapter, label, [
    { type: cka.class, value: cko.publicKey },
    { type: cka.keyType, value: kind.keyType },
    { type: cka.private, value: false },
    { type: cka.verify, value: true },
    ...publicHalf,
  ]);
  place(adapter, label, [
    { type: cka.class, value: cko.privateKey },
    { type: cka.keyType, value: kind.keyType },
    { type: cka.private, value: true },
    { type: cka.sign, value: true },
    ...privateHalf,
  ]);
}

interface Halves {
  readonly publicHalf: readonly Attribute[];
  readonly privateHalf: readonly Attribute[];
}

function rsaHalves(spki: Uint8Array, secret: Uint8Array): Halves {
  const jwk = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).export({
    format: 'jwk',
  });
  const modulus = { type: cka.modulus, value: Buffer.from(jwk.n as string, 'base64url') };
  const exponent = { type: cka.publicExponent, value: Buffer.from(jwk.e as string, 'base64url') };
  return {
    publicHalf: [modulus, exponent],
    privateHalf: [modulus, exponent, { type: privateExponent, value: secret }],
  };
}

function curveHalves({ curve, pointBytes }: CurveKind, spki: Uint8Array, secret: Uint8Array): Halves {
  const parameters = { type: cka.ecParams, value: curve };
  const point = Buffer.concat([Buffer.of(octetString, pointBytes), spki.subarray(-pointBytes)]);
  return {
    publicHalf: [parameters, { type: cka.ecPoint, value: point }],
    privateHalf: [parameters, { type: cka.value, value: secret }],
  };
}

function place(adapter: AdapterOnSoftHsm, label: string, attributes: readonly Attribute[]): void {
  const { cryptoki } = adapter.module;
  const session = openSession(adapter);
  cryptoki.C_CreateObject(session, [
    { type: cka.token, value: true },
    { type: cka.label, value: Buffer.from(label) },
    ...attributes,
  ]);
  cryptoki.C_CloseSession(session);
}
