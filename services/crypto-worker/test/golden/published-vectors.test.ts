/** Published vectors on what the worker does by itself: AES-GCM with keys in memory, and the forms of ECDSA signatures. */
import assert from 'node:assert/strict';
import { createPublicKey, createSecretKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { softwareOpen, softwareSeal } from '../../src/app/crypto/software-gcm.ts';
import { derFromJose, joseFromDer } from '../../src/domain/ecdsa-encoding.ts';
import { bytesOf, publishedVectors, type Vector } from '../../testing/published-vectors.ts';

const gcmFiles = ['wycheproof-aes-gcm.json', 'cavp-aes-gcm.json'];

test('AES-GCM: what is valid opens and is made again octet by octet, what is not is refused', () => {
  const tests = gcmFiles.flatMap((file) =>
    publishedVectors<Vector<'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag'>>(file),
  );
  let opened = 0;
  for (const { tcId, comment, key, iv, aad, msg, ct, tag, result } of tests) {
    const secret = createSecretKey(bytesOf(key));
    const sealed = Buffer.concat([bytesOf(iv), bytesOf(ct), bytesOf(tag)]);
    // An empty plaintext is valid AES-GCM, and nothing that the platform makes or opens.
    if (result === 'valid' && msg !== '') {
      assert.deepEqual(
        Buffer.from(softwareOpen(secret, sealed, bytesOf(aad))),
        bytesOf(msg),
        `${tcId} ${comment}`,
      );
      assert.deepEqual(Buffer.from(softwareSeal(secret, bytesOf(iv), bytesOf(msg), bytesOf(aad))), sealed);
      opened += 1;
    } else {
      assert.throws(
        () => softwareOpen(secret, sealed, bytesOf(aad)),
        (fault) => isStrongroomError(fault) && fault.code === 'ciphertext-invalid',
        `${tcId} ${comment}`,
      );
    }
  }
  assert.ok(opened > 100 && tests.length - opened > 30, `${opened} of ${tests.length}`);
});

for (const [file, hash, orderBytes] of [
  ['wycheproof-ecdsa-p256.json', 'sha256', 32],
  ['wycheproof-ecdsa-p384.json', 'sha384', 48],
] as const) {
  test(`ECDSA: a DER signature verifies if it is the one of its numbers, and else is none: ${file}`, () => {
    const counts = { valid: 0, invalid: 0 };
    for (const vector of publishedVectors<Vector<'publicKey' | 'msg' | 'sig'>>(file)) {
      const { tcId, comment, publicKey, msg, sig, result } = vector;
      const key = createPublicKey({ key: bytesOf(publicKey), format: 'der', type: 'spki' });
      const jose = joseFromDer(bytesOf(sig), orderBytes);
      const isValid =
        jose !== undefined && verify(hash, bytesOf(msg), { key, dsaEncoding: 'ieee-p1363' }, jose);
      assert.equal(isValid, result === 'valid', `${tcId} ${comment}`);
      if (isValid) assert.deepEqual(Buffer.from(derFromJose(jose)), bytesOf(sig));
      counts[result] += 1;
    }
    assert.ok(counts.valid >= 6 && counts.invalid > 25, JSON.stringify(counts));
  });
}
