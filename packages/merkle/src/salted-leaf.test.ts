import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { leafHash, saltedLeafHash, saltSeedBytes, saltsFrom } from './index.ts';

const seeds = fc.uint8Array({ minLength: saltSeedBytes, maxLength: saltSeedBytes });
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

test('the salts of a seed are its SHAKE256 stream, as openssl computes it', () => {
  const seed = Buffer.from(Array.from({ length: saltSeedBytes }, (_, index) => index));
  const stream = execFileSync('openssl', ['dgst', '-shake256', '-xoflen', '54', '-binary'], { input: seed });
  assert.deepEqual(
    saltsFrom(seed, 3),
    [0, 18, 36].map((at) => stream.subarray(at, at + 18).toString('base64url')),
  );
});

test('a salt does not depend on how many leaves there are, and no two are the same', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 0, max: 600 }), fc.nat(600), (seed, count, more) => {
      const salts = saltsFrom(seed, count);
      assert.equal(new Set(salts).size, count);
      assert.deepEqual(saltsFrom(seed, count + more).slice(0, count), salts);
    }),
  );
});

test('a salted leaf is the leaf of salt and text: either one changed makes another', () => {
  const salt = fc.stringMatching(/^[A-Za-z0-9_-]{24}$/);
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(salt, salt, text, text, (first, second, data, other) => {
      const leaf = saltedLeafHash(first, data);
      assert.equal(hex(leaf), hex(leafHash(Buffer.from(first + data))));
      assert.equal(hex(leaf) === hex(saltedLeafHash(second, data)), first === second);
      assert.equal(hex(leaf) === hex(saltedLeafHash(first, other)), data === other);
    }),
  );
});

test('a seed and a salt have one length: data can not move into the salt', () => {
  assert.throws(() => saltsFrom(new Uint8Array(31), 1), RangeError);
  for (const length of [0, 23, 25])
    assert.throws(() => saltedLeafHash('A'.repeat(length), 'text'), RangeError);
});
