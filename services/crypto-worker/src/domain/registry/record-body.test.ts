import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { openRecord, recordBody, recordMac } from './record-body.ts';
import { RegistrySeal } from './registry-seal.ts';

const seal = new RegistrySeal('default', new Uint8Array(32).fill(1));
const place = { kind: 'binding', id: 'one', version: 3 } as const;
const body = recordBody<'binding'>({ principal: 'user:alice' });
const mac = recordMac(seal, place, body);
const entry = { ...place, mac: encodeBytes(mac) };
const row = { version: 3, body, mac };

test('a record opens under its own entry', () => {
  assert.deepEqual(openRecord(seal, entry, row), { principal: 'user:alice' });
});

test('an opened record can not be changed', () => {
  const value = openRecord(seal, entry, row) as { principal: string };
  assert.throws(() => {
    value.principal = 'user:mallory';
  }, TypeError);
});

test('another value, version, MAC, id, kind, tenant or key does not open', () => {
  const other = recordBody<'binding'>({ principal: 'user:mallory' });
  const otherMac = recordMac(seal, place, other);
  assert.equal(openRecord(seal, entry, undefined), undefined);
  assert.equal(openRecord(seal, entry, { ...row, body: other }), undefined);
  assert.equal(openRecord(seal, entry, { ...row, version: 2 }), undefined);
  assert.equal(openRecord(seal, entry, { version: 3, body: other, mac: otherMac }), undefined);
  assert.equal(openRecord(seal, { ...entry, id: 'two' }, row), undefined);
  assert.equal(openRecord(seal, { ...entry, kind: 'api-key' }, row), undefined);
  assert.equal(openRecord(seal, { ...entry, mac: undefined }, row), undefined);
  assert.equal(openRecord(new RegistrySeal('other', new Uint8Array(32).fill(1)), entry, row), undefined);
  assert.equal(openRecord(new RegistrySeal('default', new Uint8Array(32)), entry, row), undefined);
});
