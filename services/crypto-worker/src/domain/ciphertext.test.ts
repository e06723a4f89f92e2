import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalText, encodeBytes } from '@strongroom/canonical';
import fc from 'fast-check';
import { type CiphertextForm, formatCiphertext, parseCiphertext } from './ciphertext.ts';
import { dataContext } from './data-context.ts';

const keyId = fc.uuid({ version: 7 });
const version = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const ciphertext = fc.record(
  {
    keyId,
    version,
    form: fc.constantFrom<CiphertextForm>('gcm', 'oaep', 'kw', 'kwp'),
    payload: fc.uint8Array({ minLength: 1, maxLength: 100 }),
  },
  { noNullPrototype: true },
);

test('a ciphertext comes back from its text', () => {
  fc.assert(
    fc.property(ciphertext, (made) => assert.deepEqual(parseCiphertext(formatCiphertext(made)), made)),
  );
});

test('a text is no ciphertext or the one text of its ciphertext', () => {
  const almost = fc
    .tuple(ciphertext.map(formatCiphertext), fc.nat(), fc.string({ maxLength: 3 }), fc.nat(2))
    .map(([text, at, put, cut]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + cut);
    });
  fc.assert(
    fc.property(fc.oneof(fc.string(), almost), (text) => {
      const parsed = parseCiphertext(text);
      if (parsed !== undefined) assert.equal(formatCiphertext(parsed), text);
    }),
    { numRuns: 2_000 },
  );
});

test('another spelling of the same parts is refused', () => {
  const id = '0191e7a0-0000-7000-8000-000000000001';
  assert.ok(parseCiphertext(`sr1.${id}.1.gcm.Zg`));
  for (const text of [
    `sr2.${id}.1.gcm.Zg`,
    `SR1.${id}.1.gcm.Zg`,
    `sr1.${id.toUpperCase().replace('0191E', '0191F')}.1.gcm.Zg`,
    `sr1.${id}.01.gcm.Zg`,
    `sr1.${id}.0.gcm.Zg`,
    `sr1.${id}.+1.gcm.Zg`,
    `sr1.${id}.2147483648.gcm.Zg`,
    `sr1.${id}.1.GCM.Zg`,
    `sr1.${id}.1.cbc.Zg`,
    `sr1.${id}.1.gcm.`,
    `sr1.${id}.1.gcm.Zh`,
    `sr1.${id}.1.gcm.Zg==`,
    `sr1.${id}.1.gcm.Zg.Zg`,
    `sr1.${id}.1.gcm.Zg\n`,
    ` sr1.${id}.1.gcm.Zg`,
    `sr1.${id}.1.gcm`,
  ]) {
    assert.equal(parseCiphertext(text), undefined, JSON.stringify(text));
  }
});

test('the context of a place is the canonical form of tenant, key, version and what the caller binds', () => {
  const associated = fc.option(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => encodeBytes(bytes)),
    { nil: undefined },
  );
  fc.assert(
    fc.property(fc.string(), keyId, version, associated, (tenant, id, number, associatedData) => {
      const place = { tenant: tenant.toWellFormed(), keyId: id, version: number };
      assert.equal(
        Buffer.from(dataContext(place)(associatedData)).toString(),
        canonicalText({ ...place, associatedData, use: 'data' }),
      );
    }),
  );
});
