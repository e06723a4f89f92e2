import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { coded, content, routing } from '../test/parties.ts';
import { proofDigest, proofDigestOf, requestHash } from './request-hash.ts';

const header = routing('01957cf0-0000-7000-8000-000000000001');

test('the hash is over the canonical operation object and its domain', () => {
  const text =
    'strongroom/operation/1\0{"operation":"key.list","params":{"group":"default"},"routing":{"class":"crypto",' +
    `"notAfter":"${header.notAfter}","pool":"default","requestId":"${header.requestId}","tenant":"default","v":1}}`;
  assert.deepEqual(
    Buffer.from(requestHash(header, 'key.list', { group: 'default' })),
    createHash('sha256').update(text).digest(),
  );
});

test('a proof is good for one routing, one operation, one set of parameters and one purpose', () => {
  const message = { routing: header, ...content };
  const digests = [
    message,
    { ...message, openSession: true as const },
    { ...message, operation: 'kms.wrap' },
    { ...message, params: { ...content.params, key: 'other' } },
    { ...message, routing: { ...header, tenant: 'other' } },
    { ...message, routing: { ...header, requestId: '01957cf0-0000-7000-8000-000000000002' } },
  ].map((each) => Buffer.from(proofDigestOf(each)).toString('hex'));
  assert.equal(new Set(digests).size, digests.length);
});

test('the purpose is the last octet under the hash', () => {
  const hash = requestHash(header, content.operation, content.params);
  for (const [opensSession, octet] of [
    [false, 0],
    [true, 1],
  ] as const) {
    const expected = createHash('sha256')
      .update('strongroom/proof/1\0')
      .update(hash)
      .update(Uint8Array.of(octet));
    assert.deepEqual(Buffer.from(proofDigest(hash, opensSession)), expected.digest());
  }
});

test('parameters without a canonical form are refused with a code', () => {
  for (const params of [{ a: null }, { a: 0.5 }, { a: '\ud800' }, { a: 1n }]) {
    assert.throws(() => requestHash(header, 'key.list', params), coded('request-invalid'));
  }
});
