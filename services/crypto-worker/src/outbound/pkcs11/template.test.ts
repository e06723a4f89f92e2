import { equal, ok } from 'node:assert/strict';
import { describe, it } from 'node:test';
import pkcs11js from 'pkcs11js';
import { cka, ckf, ckk, ckm, cko, cku, gcmParametersTag } from './constants.ts';
import type { Attribute } from './cryptoki.ts';
import {
  aesKeyTemplate,
  dataObjectTemplate,
  macKeyTemplate,
  newDataKeyTemplate,
  openedDataKeyTemplate,
  signingKeyTemplates,
} from './template.ts';

const id = new Uint8Array(16);
const value = (template: Attribute[], type: number) =>
  template.find((attribute) => attribute.type === type)?.value;

const durable = {
  encryption: aesKeyTemplate('a', id, 'encryption'),
  wrapping: aesKeyTemplate('a', id, 'wrapping'),
  mac: macKeyTemplate('a', id),
  signing: signingKeyTemplates('a', id).privateKey,
};

describe('key templates', () => {
  it('of every durable key are private, sensitive, never extractable and fixed (I1)', () => {
    for (const [name, template] of Object.entries(durable)) {
      equal(value(template, cka.token), true, name);
      equal(value(template, cka.private), true, name);
      equal(value(template, cka.sensitive), true, name);
      equal(value(template, cka.extractable), false, name);
      equal(value(template, cka.modifiable), false, name);
    }
  });

  it('give each key the usages of its purpose and no other', () => {
    const usages = [cka.encrypt, cka.decrypt, cka.wrap, cka.unwrap, cka.sign, cka.verify, cka.derive];
    const allowed = (template: Attribute[]) => usages.filter((type) => value(template, type) === true);
    const same = (template: Attribute[], types: number[]) => equal(String(allowed(template)), String(types));
    same(durable.encryption, [cka.encrypt, cka.decrypt]);
    same(durable.wrapping, [cka.encrypt, cka.decrypt, cka.wrap, cka.unwrap]);
    same(durable.mac, [cka.sign, cka.verify]);
    same(durable.signing, [cka.sign]);
    same(newDataKeyTemplate(), []);
    same(openedDataKeyTemplate(), [cka.encrypt, cka.decrypt]);
  });

  it('never let an unwrapped data key out again, nor keep it on the token', () => {
    const opened = openedDataKeyTemplate();
    equal(value(opened, cka.token), false);
    equal(value(opened, cka.sensitive), true);
    equal(value(opened, cka.extractable), false);
    equal(value(newDataKeyTemplate(), cka.token), false);
    equal(value(newDataKeyTemplate(), cka.sensitive), true);
  });

  it('make data objects that only a logged-in user reads', () => {
    equal(value(dataObjectTemplate('a', id), cka.private), true);
  });

  it('name no attribute twice', () => {
    const { publicKey } = signingKeyTemplates('a', id);
    for (const template of [
      ...Object.values(durable),
      publicKey,
      newDataKeyTemplate(),
      openedDataKeyTemplate(),
    ]) {
      equal(new Set(template.map(({ type }) => type)).size, template.length);
    }
  });
});

describe('the numbers of PKCS#11', () => {
  it('are those of the binding, where it knows them', () => {
    const binding = pkcs11js as unknown as Record<string, number>;
    const pairs: [number, string][] = [
      [ckf.rwSession, 'CKF_RW_SESSION'],
      [ckf.serialSession, 'CKF_SERIAL_SESSION'],
      [ckf.osLockingOk, 'CKF_OS_LOCKING_OK'],
      [ckf.userPinFinalTry, 'CKF_USER_PIN_FINAL_TRY'],
      [ckf.userPinLocked, 'CKF_USER_PIN_LOCKED'],
      [cku.user, 'CKU_USER'],
      [cko.data, 'CKO_DATA'],
      [cko.publicKey, 'CKO_PUBLIC_KEY'],
      [cko.privateKey, 'CKO_PRIVATE_KEY'],
      [cko.secretKey, 'CKO_SECRET_KEY'],
      [ckk.genericSecret, 'CKK_GENERIC_SECRET'],
      [ckk.aes, 'CKK_AES'],
      [ckm.sha256Hmac, 'CKM_SHA256_HMAC'],
      [ckm.genericSecretKeyGen, 'CKM_GENERIC_SECRET_KEY_GEN'],
      [ckm.aesKeyGen, 'CKM_AES_KEY_GEN'],
      [ckm.aesGcm, 'CKM_AES_GCM'],
      [ckm.aesKeyWrapPad, 'CKM_AES_KEY_WRAP_PAD'],
      [gcmParametersTag, 'CK_PARAMS_AES_GCM_v240'],
      [cka.valueLength, 'CKA_VALUE_LEN'],
      [cka.keyType, 'CKA_KEY_TYPE'],
      [cka.ecParams, 'CKA_EC_PARAMS'],
      [cka.ecPoint, 'CKA_EC_POINT'],
      ...(
        ['class', 'token', 'private', 'label', 'application', 'value', 'id', 'sensitive', 'encrypt'] as const
      ).map((name): [number, string] => [cka[name], `CKA_${name.toUpperCase()}`]),
      ...(
        [
          'decrypt',
          'wrap',
          'unwrap',
          'sign',
          'verify',
          'derive',
          'extractable',
          'local',
          'modifiable',
        ] as const
      ).map((name): [number, string] => [cka[name], `CKA_${name.toUpperCase()}`]),
      [cka.neverExtractable, 'CKA_NEVER_EXTRACTABLE'],
      [cka.alwaysSensitive, 'CKA_ALWAYS_SENSITIVE'],
    ];
    for (const [number, name] of pairs) equal(number, binding[name], name);
    const numbers = Object.values(cka);
    ok(numbers.every((number) => pairs.some(([known]) => known === number)));
  });
});
