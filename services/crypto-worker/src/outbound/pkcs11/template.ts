/**
 * The templates of every key that the platform makes or unwraps. They are built here and nowhere else, never from a
 * message: whoever chooses the template of an unwrapped key can have it handed out in the clear (measured on SoftHSM).
 * All usages of a key are written out, because their defaults are the token's choice.
 */
import type { HsmKeySpec, HsmKeyUse } from '../../ports/hsm-key.ts';
import { cka, ckk, cko } from './constants.ts';
import type { Attribute } from './cryptoki.ts';
import { type CurveKind, isSecret, type KeyKind, kindOf, type RsaKind, type SecretKind } from './key-kind.ts';

/** The usages of each class of key in PKCS#11; one that a list of allowed ones leaves out is false. */
const secretUsages = [cka.encrypt, cka.decrypt, cka.wrap, cka.unwrap, cka.sign, cka.verify, cka.derive];
const privateUsages = [cka.decrypt, cka.unwrap, cka.sign, cka.derive];
const publicUsages = [cka.encrypt, cka.wrap, cka.verify];

/** `wrap` includes encryption: to encrypt under a wrapping key is how the token is asked whether it still works. */
const usagesOf: Readonly<Record<HsmKeyUse, readonly number[]>> = {
  encrypt: [cka.encrypt, cka.decrypt],
  wrap: [cka.encrypt, cka.decrypt, cka.wrap, cka.unwrap],
  sign: [cka.sign, cka.verify],
  mac: [cka.sign, cka.verify],
};

function usages(all: readonly number[], allowed: readonly number[]): Attribute[] {
  return all.map((type) => ({ type, value: allowed.includes(type) }));
}

/** Stays in the token (I1), or leaves it wrapped and in no other way. */
const kept = (exportable: boolean): Attribute[] => [
  { type: cka.private, value: true },
  { type: cka.sensitive, value: true },
  { type: cka.extractable, value: exportable },
];

const named = (label: string, id: Uint8Array): Attribute[] => [
  { type: cka.label, value: Buffer.from(label) },
  { type: cka.id, value: id },
];

const object = (objectClass: number, keyType: number, token: boolean): Attribute[] => [
  { type: cka.class, value: objectClass },
  { type: cka.keyType, value: keyType },
  { type: cka.token, value: token },
];

const length = (bytes: number): Attribute => ({ type: cka.valueLength, value: bytes });
const fixed: Attribute = { type: cka.modifiable, value: false };

/**
 * Of a token key as it is unwrapped: the secret key, or the private half. What is unwrapped brings its length itself. It
 * is not fixed: SoftHSM makes the object first and then writes the value, which a fixed object refuses.
 */
export function importedKeyTemplate(label: string, id: Uint8Array, spec: HsmKeySpec): Attribute[] {
  const kind = kindOf(spec.type);
  const secret = isSecret(kind);
  return [
    ...object(secret ? cko.secretKey : cko.privateKey, kind.keyType, true),
    ...named(label, id),
    ...kept(spec.exportable ?? false),
    ...usages(secret ? secretUsages : privateUsages, usagesOf[spec.use]),
  ];
}

/** Of a secret key that the token generates. */
export function secretKeyTemplate(label: string, id: Uint8Array, spec: HsmKeySpec): Attribute[] {
  const kind = kindOf(spec.type);
  return [...importedKeyTemplate(label, id, spec), fixed, ...(isSecret(kind) ? [length(kind.bytes)] : [])];
}

/** The private half takes its parameters from the public one. */
export function keyPairTemplates(
  label: string,
  id: Uint8Array,
  spec: HsmKeySpec,
): { publicKey: Attribute[]; privateKey: Attribute[] } {
  const kind = kindOf(spec.type);
  const parameters = 'bits' in kind ? rsaParameters(kind) : 'curve' in kind ? curveParameters(kind) : [];
  return {
    publicKey: [...publicHalf(label, id, spec, kind), ...parameters],
    privateKey: [...importedKeyTemplate(label, id, spec), fixed],
  };
}

/** F4, as FIPS 186-5 and every certificate authority want it. */
const publicExponent: Attribute = { type: cka.publicExponent, value: Buffer.from([1, 0, 1]) };
const rsaParameters = (kind: RsaKind): Attribute[] => [
  { type: cka.modulusBits, value: kind.bits },
  publicExponent,
];
const curveParameters = (kind: CurveKind): Attribute[] => [{ type: cka.ecParams, value: kind.curve }];

function publicHalf(label: string, id: Uint8Array, { use }: HsmKeySpec, kind: KeyKind): Attribute[] {
  return [
    ...object(cko.publicKey, kind.keyType, true),
    ...named(label, id),
    { type: cka.private, value: false },
    fixed,
    ...usages(publicUsages, usagesOf[use]),
  ];
}

/** The public half of an imported pair. */
export function importedPublicTemplate(
  label: string,
  id: Uint8Array,
  spec: HsmKeySpec,
  values: readonly Attribute[],
): Attribute[] {
  return [...publicHalf(label, id, spec, kindOf(spec.type)), ...values];
}

/**
 * A data key for the microseconds between its generation and its wrapping: a session object, extractable because it must
 * leave wrapped, and good for nothing else.
 */
export function newDataKeyTemplate(bytes: number): Attribute[] {
  return [
    ...object(cko.secretKey, ckk.aes, false),
    ...kept(true),
    length(bytes),
    ...usages(secretUsages, []),
  ];
}

/** An unwrapped data key: a session object that can be used and never leaves again. */
export function openedDataKeyTemplate(): Attribute[] {
  return [
    ...object(cko.secretKey, ckk.aes, false),
    ...kept(false),
    ...usages(secretUsages, usagesOf.encrypt),
  ];
}

/** The key in the middle of `rsa-aes-kwp`: a session object that unwraps one key and never leaves. */
export function transportKeyTemplate(): Attribute[] {
  return [...object(cko.secretKey, ckk.aes, false), ...kept(false), ...usages(secretUsages, [cka.unwrap])];
}

/** A caller's own bytes on their way in to be wrapped: a session object that is good for nothing else. */
export function bytesToWrapTemplate(value: Uint8Array): Attribute[] {
  return [
    ...object(cko.secretKey, ckk.genericSecret, false),
    ...kept(true),
    ...usages(secretUsages, []),
    { type: cka.value, value },
  ];
}

/**
 * A caller's own bytes on their way out. The one template of an object that tells its value, which is what the caller
 * asked for and may have: it is good for nothing else, and destroyed at once.
 */
export function unwrappedBytesTemplate(): Attribute[] {
  return [
    ...object(cko.secretKey, ckk.genericSecret, false),
    { type: cka.private, value: true },
    { type: cka.sensitive, value: false },
    { type: cka.extractable, value: true },
    ...usages(secretUsages, []),
  ];
}

/**
 * Keys that are made to see what the token can do (`capabilities.ts`): session objects that protect nothing, may do
 * whatever their kind may and leave wrapped.
 */
export function trialSecretTemplate(kind: SecretKind): Attribute[] {
  return [...trialKeyTemplate(kind), length(kind.bytes)];
}

export function trialPairTemplates(kind: RsaKind | CurveKind) {
  const parameters = 'bits' in kind ? rsaParameters(kind) : curveParameters(kind);
  return {
    publicKey: [
      ...object(cko.publicKey, kind.keyType, false),
      ...usages(publicUsages, usesOf(kind)),
      ...parameters,
    ],
    privateKey: trialKeyTemplate(kind),
  };
}

export function trialKeyTemplate(kind: KeyKind): Attribute[] {
  const secret = isSecret(kind);
  return [
    ...object(secret ? cko.secretKey : cko.privateKey, kind.keyType, false),
    ...kept(true),
    ...usages(secret ? secretUsages : privateUsages, usesOf(kind)),
  ];
}

const usesOf = ({ uses }: KeyKind): number[] => uses.flatMap((use) => usagesOf[use]);

export function trialDataTemplate(): Attribute[] {
  return dataTemplate('strongroom/trial', new Uint8Array(1), false);
}

export function dataObjectTemplate(label: string, value: Uint8Array): Attribute[] {
  return dataTemplate(label, value, true);
}

function dataTemplate(label: string, value: Uint8Array, token: boolean): Attribute[] {
  return [
    { type: cka.class, value: cko.data },
    { type: cka.token, value: token },
    { type: cka.private, value: true },
    { type: cka.application, value: Buffer.from('strongroom') },
    { type: cka.label, value: Buffer.from(label) },
    { type: cka.value, value },
  ];
}
