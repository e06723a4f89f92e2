/** Published vectors on what the worker does by itself: AES-GCM with keys in memory, and the forms of ECDSA signatures. */
import assert from 'node:assert/strict';
import { createPublicKey, createSecretKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { softwareOpen, softwareSeal } from '../../src/app/crypto/software-gcm.ts';
import { derFromJose, joseFromDer } from '../../src/domain/ecdsa-encoding.ts';

interface Vectors<Test> {
  readonly source: string;
  readonly licence: string;
  readonly tests: readonly (Test & {
    readonly tcId: number;
    readonly comment: string;
    readonly result: 'valid' | 'invalid';
  })[];
}

const vectors = <Test>(name: string): Vectors<Test> =>
  JSON.parse(readFileSync(new URL(`./${name}`, import.meta.url), 'utf8'));
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

test('AES-GCM: what is valid opens and is made again octet by octet, what is not is refused', () => {
  type Gcm = Readonly<Record<'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag', string>>;
  const { tests } = vectors<Gcm>('wycheproof-aes-gcm.json');
  let opened = 0;
  for (const { tcId, comment, key, iv, aad, msg, ct, tag, result } of tests) {
    const secret = createSecretKey(bytes(key));
    const sealed = Buffer.concat([bytes(iv), bytes(ct), bytes(tag)]);
    // An empty plaintext is valid AES-GCM, and nothing that the platform makes or opens.
    if (result === 'valid' && msg !== '') {
      assert.deepEqual(
        Buffer.from(softwareOpen(secret, sealed, bytes(aad))),
        bytes(msg),
        `${tcId} ${comment}`,
      );
      assert.deepEqual(Buffer.from(softwareSeal(secret, bytes(iv), bytes(msg), bytes(aad))), sealed);
      opened += 1;
    } else {
      assert.throws(
        () => softwareOpen(secret, sealed, bytes(aad)),
        (fault) => isStrongroomError(fault) && fault.code === 'ciphertext-invalid',
        `${tcId} ${comment}`,
      );
    }
  }
  assert.ok(opened > 50 && tests.length - opened > 30, `${opened} of ${tests.length}`);
});

test('ECDSA: a DER signature verifies if it is the one of its numbers, and else is none', () => {
  type Ecdsa = Readonly<Record<'publicKey' | 'msg' | 'sig', string>>;
  const { tests } = vectors<Ecdsa>('wycheproof-ecdsa-p256.json');
  const counts = { valid: 0, invalid: 0 };
  for (const { tcId, comment, publicKey, msg, sig, result } of tests) {
    const key = createPublicKey({ key: bytes(publicKey), format: 'der', type: 'spki' });
    const jose = joseFromDer(bytes(sig), 32);
    const isValid =
      jose !== undefined && verify('sha256', bytes(msg), { key, dsaEncoding: 'ieee-p1363' }, jose);
    assert.equal(isValid, result === 'valid', `${tcId} ${comment}`);
    if (isValid) assert.deepEqual(Buffer.from(derFromJose(jose)), bytes(sig));
    counts[result] += 1;
  }
  assert.ok(counts.valid >= 6 && counts.invalid > 80, JSON.stringify(counts));
});
