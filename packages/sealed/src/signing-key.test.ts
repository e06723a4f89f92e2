import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { isPublicKey, schemeOfPublicKey, signingSchemes, verifySignature } from './signing-key.ts';

const data = Buffer.from('what is signed');

for (const scheme of Object.values(signingSchemes)) {
  test(`${scheme.algorithm}: what a key signed verifies by its raw public half, and nothing else does`, () => {
    const key = scheme.generate();
    const raw = scheme.rawPublicKey(key);
    const signature = scheme.sign(key, data);
    assert.equal(raw.length, scheme.publicKeyBytes);
    assert.equal(signature.length, 64);
    assert.equal(schemeOfPublicKey(raw), scheme);
    assert.ok(isPublicKey(raw));
    assert.ok(verifySignature(raw, data, signature));
    assert.equal(verifySignature(scheme.rawPublicKey(scheme.generate()), data, signature), false);
    assert.equal(verifySignature(raw, Buffer.from('something else'), signature), false);
    fc.assert(
      fc.property(fc.nat(63), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Uint8Array.from(signature);
        changed[at] = (changed[at] ?? 0) ^ change;
        assert.equal(verifySignature(raw, data, changed), false);
      }),
      { numRuns: 50 },
    );
  });

  test(`${scheme.algorithm}: no bytes make verification throw`, () => {
    const bytes = fc.uint8Array({ maxLength: 70 });
    fc.assert(
      fc.property(bytes, bytes, (raw, signature) => {
        assert.equal(verifySignature(raw, data, signature), false);
      }),
    );
    const exact = fc.uint8Array({ minLength: scheme.publicKeyBytes, maxLength: scheme.publicKeyBytes });
    const signature = fc.uint8Array({ minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(exact, signature, (raw, random) => {
        assert.equal(verifySignature(raw, data, random), false);
      }),
    );
  });

  test(`${scheme.algorithm}: a private key comes back from its 32 octets`, () => {
    const octets = Buffer.alloc(32, 7);
    const [first, second] = [scheme.privateKey(octets), scheme.privateKey(octets)];
    assert.deepEqual(scheme.rawPublicKey(first), scheme.rawPublicKey(second));
    assert.ok(verifySignature(scheme.rawPublicKey(first), data, scheme.sign(second, data)));
    assert.throws(() => scheme.privateKey(octets.subarray(1)), TypeError);
  });
}

test('a point that is not on the curve, not compressed or at infinity is no key', () => {
  const { rawPublicKey, generate } = signingSchemes['ecdsa-p256'];
  const raw = rawPublicKey(generate());
  for (const first of [0, 1, 4, 6, 255])
    assert.equal(isPublicKey(Uint8Array.from([first, ...raw.subarray(1)])), false, `${first}`);
  // x beyond the field, and an x whose curve equation has no root.
  assert.equal(isPublicKey(Uint8Array.from([2, ...new Uint8Array(32).fill(255)])), false);
  assert.equal(isPublicKey(new Uint8Array(33)), false);
});

test('a signature in DER, or over another hash, is none', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const raw = signingSchemes['ecdsa-p256'].rawPublicKey(privateKey);
  assert.equal(verifySignature(raw, data, sign('sha256', data, privateKey)), false);
  const other = sign('sha384', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  assert.equal(verifySignature(raw, data, other), false);
});
