/**
 * The templates of every key that the platform makes or unwraps. They are built here and nowhere else, never from a
 * message: whoever chooses the template of an unwrapped key can have it handed out in the clear (measured on SoftHSM).
 * All usages of a secret key are written out, because their defaults are the token's choice.
 */
import { cka, ckk, cko } from './constants.ts';
import type { Attribute } from './cryptoki.ts';

export type AesUse = 'encryption' | 'wrapping';

/** What a usage list leaves out is false. */
function usages(...allowed: readonly number[]): Attribute[] {
  const all = [cka.encrypt, cka.decrypt, cka.wrap, cka.unwrap, cka.sign, cka.verify, cka.derive];
  return all.map((type) => ({ type, value: allowed.includes(type) }));
}

/** Born in the token, stays in the token (I1). */
const kept: readonly Attribute[] = [
  { type: cka.private, value: true },
  { type: cka.sensitive, value: true },
  { type: cka.extractable, value: false },
];

const named = (label: string, id: Uint8Array): Attribute[] => [
  { type: cka.label, value: Buffer.from(label) },
  { type: cka.id, value: id },
];

const secretKey = (keyType: number, token: boolean): Attribute[] => [
  { type: cka.class, value: cko.secretKey },
  { type: cka.keyType, value: keyType },
  { type: cka.token, value: token },
];

const length32: Attribute = { type: cka.valueLength, value: 32 };
const fixed: Attribute = { type: cka.modifiable, value: false };

export function aesKeyTemplate(label: string, id: Uint8Array, use: AesUse): Attribute[] {
  const wrapping = use === 'wrapping' ? [cka.wrap, cka.unwrap] : [];
  return [
    ...secretKey(ckk.aes, true),
    ...named(label, id),
    ...kept,
    fixed,
    length32,
    ...usages(cka.encrypt, cka.decrypt, ...wrapping),
  ];
}

export function macKeyTemplate(label: string, id: Uint8Array): Attribute[] {
  return [
    ...secretKey(ckk.genericSecret, true),
    ...named(label, id),
    ...kept,
    fixed,
    length32,
    ...usages(cka.sign, cka.verify),
  ];
}

/** The object identifier of Ed25519 (RFC 8410) in DER. */
const ed25519 = Buffer.from('06032b6570', 'hex');

export function signingKeyTemplates(
  label: string,
  id: Uint8Array,
): { publicKey: Attribute[]; privateKey: Attribute[] } {
  const pair = (objectClass: number): Attribute[] => [
    { type: cka.class, value: objectClass },
    { type: cka.keyType, value: ckk.ecEdwards },
    { type: cka.token, value: true },
    ...named(label, id),
    fixed,
  ];
  return {
    publicKey: [
      ...pair(cko.publicKey),
      { type: cka.private, value: false },
      { type: cka.verify, value: true },
      { type: cka.ecParams, value: ed25519 },
    ],
    privateKey: [...pair(cko.privateKey), ...kept, { type: cka.sign, value: true }],
  };
}

/**
 * A data key for the microseconds between its generation and its wrapping: a session object, extractable because it must
 * leave wrapped, and good for nothing else.
 */
export function newDataKeyTemplate(): Attribute[] {
  return [
    ...secretKey(ckk.aes, false),
    { type: cka.private, value: true },
    { type: cka.sensitive, value: true },
    { type: cka.extractable, value: true },
    length32,
    ...usages(),
  ];
}

/** An unwrapped data key: a session object that can be used and never leaves again. */
export function openedDataKeyTemplate(): Attribute[] {
  return [...secretKey(ckk.aes, false), ...kept, ...usages(cka.encrypt, cka.decrypt)];
}

export function dataObjectTemplate(label: string, value: Uint8Array): Attribute[] {
  return [
    { type: cka.class, value: cko.data },
    { type: cka.token, value: true },
    { type: cka.private, value: true },
    { type: cka.application, value: Buffer.from('strongroom') },
    { type: cka.label, value: Buffer.from(label) },
    { type: cka.value, value },
  ];
}
