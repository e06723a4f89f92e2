import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { leafHash, saltedLeafHash, saltSeedBytes, saltsFrom } from './index.ts';

const seeds = fc.uint8Array({ minLength: saltSeedBytes, maxLength: saltSeedBytes });
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');

test('the salts of a seed are its SHAKE256 stream, as openssl computes it', () => {
  const seed = Buffer.from(Array.from({ length: saltSeedBytes }, (_, index) => index));
  const stream = execFileSync('openssl', ['dgst', '-shake256', '-xoflen', '48', '-binary'], { input: seed });
  assert.deepEqual(
    saltsFrom(seed, 3).map(hex),
    [0, 16, 32].map((at) => hex(stream.subarray(at, at + 16))),
  );
});

test('a salt does not depend on how many leaves there are, and no two are the same', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 0, max: 600 }), fc.nat(600), (seed, count, more) => {
      const salts = saltsFrom(seed, count).map(hex);
      assert.equal(new Set(salts).size, count);
      assert.deepEqual(
        saltsFrom(seed, count + more)
          .map(hex)
          .slice(0, count),
        salts,
      );
    }),
  );
});

test('a salted leaf is the leaf of salt and data: either one changed makes another', () => {
  const salt = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(salt, salt, fc.uint8Array(), fc.uint8Array(), (first, second, data, other) => {
      const leaf = saltedLeafHash(first, data);
      assert.equal(hex(leaf), hex(leafHash(Buffer.concat([first, data]))));
      assert.equal(hex(leaf) === hex(saltedLeafHash(second, data)), hex(first) === hex(second));
      assert.equal(hex(leaf) === hex(saltedLeafHash(first, other)), hex(data) === hex(other));
    }),
  );
});

test('a seed and a salt have one length: data can not move into the salt', () => {
  assert.throws(() => saltsFrom(new Uint8Array(31), 1), RangeError);
  for (const bytes of [0, 15, 17]) {
    assert.throws(() => saltedLeafHash(new Uint8Array(bytes), new Uint8Array(20)), RangeError);
  }
});
