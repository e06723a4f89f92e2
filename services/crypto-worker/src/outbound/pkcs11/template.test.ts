import { equal } from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HsmKeySpec } from '../../ports/hsm-key.ts';
import { cka } from './constants.ts';
import type { Attribute } from './cryptoki.ts';
import { isSecret, keyTypes, kindOf } from './key-kind.ts';
import {
  bytesToWrapTemplate,
  dataObjectTemplate,
  importedKeyTemplate,
  importedPublicTemplate,
  keyPairTemplates,
  newDataKeyTemplate,
  openedDataKeyTemplate,
  secretKeyTemplate,
  transportKeyTemplate,
  unwrappedBytesTemplate,
} from './template.ts';

const id = new Uint8Array(16);
const value = (template: readonly Attribute[], type: number) =>
  template.find((attribute) => attribute.type === type)?.value;

const specs: HsmKeySpec[] = keyTypes.flatMap((type) => kindOf(type).uses.map((use) => ({ type, use })));
const generated = (spec: HsmKeySpec) =>
  isSecret(kindOf(spec.type)) ? secretKeyTemplate('a', id, spec) : keyPairTemplates('a', id, spec).privateKey;

describe('key templates', () => {
  it('of every durable key are private, sensitive and never extractable, made here or elsewhere (I1)', () => {
    for (const spec of specs) {
      for (const template of [generated(spec), importedKeyTemplate('a', id, spec)]) {
        equal(value(template, cka.token), true, spec.type);
        equal(value(template, cka.private), true, spec.type);
        equal(value(template, cka.sensitive), true, spec.type);
        equal(value(template, cka.extractable), false, spec.type);
      }
      equal(value(generated(spec), cka.modifiable), false, spec.type);
    }
  });

  it('of an exportable key differ in that alone', () => {
    for (const spec of specs) {
      const going = generated({ ...spec, exportable: true });
      equal(value(going, cka.extractable), true);
      equal(value(going, cka.sensitive), true);
      equal(going.length, generated(spec).length);
    }
  });

  it('give each key the usages of its use and no other', () => {
    const usages = [cka.encrypt, cka.decrypt, cka.wrap, cka.unwrap, cka.sign, cka.verify, cka.derive];
    const allowed = (template: readonly Attribute[]) =>
      usages.filter((type) => value(template, type) === true);
    const same = (template: readonly Attribute[], types: number[]) =>
      equal(String(allowed(template)), String(types));
    same(generated({ type: 'aes-256', use: 'encrypt' }), [cka.encrypt, cka.decrypt]);
    same(generated({ type: 'aes-128', use: 'wrap' }), [cka.encrypt, cka.decrypt, cka.wrap, cka.unwrap]);
    same(generated({ type: 'hmac-sha384', use: 'mac' }), [cka.sign, cka.verify]);
    same(generated({ type: 'ed25519', use: 'sign' }), [cka.sign]);
    same(generated({ type: 'rsa-2048', use: 'sign' }), [cka.sign]);
    same(generated({ type: 'rsa-2048', use: 'encrypt' }), [cka.decrypt]);
    same(generated({ type: 'rsa-2048', use: 'wrap' }), [cka.decrypt, cka.unwrap]);
    same(newDataKeyTemplate(32), []);
    same(bytesToWrapTemplate(id), []);
    same(unwrappedBytesTemplate(), []);
    same(transportKeyTemplate(), [cka.unwrap]);
    same(openedDataKeyTemplate(), [cka.encrypt, cka.decrypt]);
  });

  it('never keep on the token what is there for one call or while it is hot', () => {
    for (const template of [
      newDataKeyTemplate(16),
      openedDataKeyTemplate(),
      transportKeyTemplate(),
      bytesToWrapTemplate(id),
      unwrappedBytesTemplate(),
    ]) {
      equal(value(template, cka.token), false);
    }
  });

  it('let nothing that is used out again; only the bytes that a caller may have are told', () => {
    for (const template of [openedDataKeyTemplate(), transportKeyTemplate()]) {
      equal(value(template, cka.sensitive), true);
      equal(value(template, cka.extractable), false);
    }
    for (const template of [newDataKeyTemplate(32), bytesToWrapTemplate(id)]) {
      equal(value(template, cka.sensitive), true);
    }
    equal(value(unwrappedBytesTemplate(), cka.sensitive), false);
  });

  it('make data objects that only a logged-in user reads', () => {
    equal(value(dataObjectTemplate('a', id), cka.private), true);
  });

  it('name no attribute twice', () => {
    for (const template of [
      ...specs.map(generated),
      ...specs.map((spec) => importedKeyTemplate('a', id, spec)),
      ...specs.map((spec) => keyPairTemplates('a', id, spec).publicKey),
      ...specs.map((spec) => importedPublicTemplate('a', id, spec, [])),
      newDataKeyTemplate(32),
      openedDataKeyTemplate(),
      transportKeyTemplate(),
      bytesToWrapTemplate(id),
      unwrappedBytesTemplate(),
    ]) {
      equal(new Set(template.map(({ type }) => type)).size, template.length);
    }
  });
});
