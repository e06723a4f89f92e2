import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { readKeySet } from './cluster-key.ts';

const ec = (namedCurve: string, kid: string, more: object = {}) => ({
  ...generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' }),
  kid,
  ...more,
});
const rsa = (modulusLength: number, kid: string, more: object = {}) => ({
  ...generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' }),
  kid,
  ...more,
});
const good = ec('P-256', 'good');
const kidsOf = (document: unknown) => {
  const verdict = readKeySet(document);
  return verdict.status === 'read' ? verdict.keys.map(({ kid, alg }) => `${kid} ${alg}`) : verdict.reason;
};

test('keys of the two algorithms are taken, and nothing of them but the public members', () => {
  const keys = [
    rsa(2_048, 'rsa', { use: 'sig', alg: 'RS256', x5u: 'https://evil.example', jku: 'x' }),
    ec('P-256', 'ec', { use: 'sig', alg: 'ES256' }),
    ec('P-256', 'no-alg'),
  ];
  assert.deepEqual(kidsOf({ keys, extra: 1 }), ['rsa RS256', 'ec ES256', 'no-alg ES256']);
  assert.ok(!JSON.stringify(readKeySet({ keys })).includes('evil'));
});

test('other algorithms, uses, curves, short and broken keys and bad names are passed over', () => {
  const others = [
    rsa(1_024, 'short'),
    rsa(2_048, 'other', { alg: 'PS256' }),
    rsa(2_048, 'encrypts', { use: 'enc' }),
    ec('P-384', 'curve'),
    ec('P-256', 'alg', { alg: 'ES384' }),
    ec('P-256', 'confused', { alg: 'HS256' }),
    ec('P-256', ''),
    ec('P-256', 'k'.repeat(129)),
    { ...ec('P-256', 'x'), kid: 7 },
    { ...ec('P-256', 'point'), x: 'AAAA' },
    { kty: 'oct', k: 'c2VjcmV0', kid: 'shared', alg: 'HS256' },
    { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: 'okp' },
    'text',
  ];
  assert.deepEqual(kidsOf({ keys: [...others, good] }), ['good ES256']);
  assert.equal(kidsOf({ keys: others }), 'it has no key that can be used');
});

test('a set that no honest issuer publishes is refused whole', () => {
  assert.equal(kidsOf({ keys: [good, ec('P-256', 'good')] }), 'two keys have one kid');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  assert.equal(
    kidsOf({ keys: [good, { ...privateKey.export({ format: 'jwk' }), kid: 'd' }] }),
    'it has a private key',
  );
  assert.equal(kidsOf({ keys: Array.from({ length: 33 }, () => good) }), 'it has too many keys');
  for (const document of [undefined, null, [], {}, { keys: {} }, 'keys', 7])
    assert.equal(kidsOf(document), 'it is no key set');
});

test('any JSON is a verdict', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void kidsOf({ keys: [value] })));
});
