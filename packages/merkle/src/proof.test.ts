/** Proofs come from carriers: nothing but the one true proof may verify, and nothing may throw. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  consistencyPath,
  emptyRoot,
  inclusionPath,
  leafHash,
  prefixRootFromInclusion,
  rootFromInclusion,
  rootHash,
  verifyConsistency,
} from './index.ts';

const leavesOf = (size: number) => Array.from({ length: size }, (_, index) => leafHash(Uint8Array.of(index)));
const anyHash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const flip = (hash: Uint8Array, bit: number) =>
  Uint8Array.from(hash, (octet, place) => (place === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));

/** A path with one thing wrong. */
const damage = (path: readonly Uint8Array[]): fc.Arbitrary<readonly Uint8Array[]> =>
  fc.oneof(
    anyHash.map((hash) => [...path, hash]),
    anyHash.map((hash) => [hash, ...path]),
    ...(path.length === 0
      ? []
      : [
          fc.nat(path.length - 1).map((place) => path.toSpliced(place, 1)),
          fc
            .tuple(fc.nat(path.length - 1), fc.nat(255))
            .map(([place, bit]) => path.with(place, flip(path[place] as Uint8Array, bit))),
          fc.nat(path.length - 1).map((place) => path.with(place, new Uint8Array(31))),
        ]),
  );

const tree = fc
  .integer({ min: 1, max: 70 })
  .chain((size) =>
    fc.record({ size: fc.constant(size), index: fc.nat(size - 1), first: fc.integer({ min: 1, max: size }) }),
  );

test('an audit path leads to the root, a damaged one, another place or another leaf does not', () => {
  const cases = tree.chain(({ size, index }) =>
    fc.record({
      size: fc.constant(size),
      index: fc.constant(index),
      damaged: damage(inclusionPath(index, leavesOf(size))),
      bit: fc.nat(255),
      elsewhere: fc.nat(size - 1).filter((other) => size === 1 || other !== index),
    }),
  );
  fc.assert(
    fc.property(cases, ({ size, index, damaged, bit, elsewhere }) => {
      const leaves = leavesOf(size);
      const [leaf, root, path] = [
        leaves[index] as Uint8Array,
        rootHash(leaves),
        inclusionPath(index, leaves),
      ];
      assert.deepEqual(rootFromInclusion(leaf, index, size, path), root);
      assert.notDeepEqual(rootFromInclusion(leaf, index, size, damaged), root);
      assert.notDeepEqual(rootFromInclusion(flip(leaf, bit), index, size, path), root);
      if (size > 1) assert.notDeepEqual(rootFromInclusion(leaf, elsewhere, size, path), root);
    }),
  );
});

test('a tree extends its own beginnings; no damaged proof, root or size says so', () => {
  const cases = tree.chain(({ size, first }) =>
    fc.record({
      size: fc.constant(size),
      first: fc.constant(first),
      damaged: damage(consistencyPath(first, leavesOf(size))),
      bit: fc.nat(255),
    }),
  );
  fc.assert(
    fc.property(cases, ({ size, first, damaged, bit }) => {
      const leaves = leavesOf(size);
      const [older, root] = [rootHash(leaves.slice(0, first)), rootHash(leaves)];
      const path = consistencyPath(first, leaves);
      assert.ok(verifyConsistency(first, older, size, root, path));
      assert.ok(!verifyConsistency(first, older, size, root, damaged));
      assert.ok(!verifyConsistency(first, flip(older, bit), size, root, path));
      assert.ok(!verifyConsistency(first, older, size, flip(root, bit), path));
      if (first < size) assert.ok(!verifyConsistency(size, root, first, older, path));
    }),
  );
});

test('a rewritten history has no proof, whatever path is made for it', () => {
  fc.assert(
    fc.property(tree, ({ size, first, index }) => {
      fc.pre(index < first);
      const leaves = leavesOf(size);
      const rewritten = leaves.with(index, leafHash(Uint8Array.of(255, 255)));
      const path = consistencyPath(first, rewritten);
      const older = rootHash(leaves.slice(0, first));
      assert.ok(!verifyConsistency(first, older, size, rootHash(rewritten), path));
    }),
  );
});

test('the empty tree is extended by every tree, only with its own root and nothing more', () => {
  const root = rootHash(leavesOf(3));
  assert.ok(verifyConsistency(0, emptyRoot, 3, root, []));
  assert.ok(verifyConsistency(0, emptyRoot, 0, emptyRoot, []));
  assert.ok(!verifyConsistency(0, root, 3, root, []));
  assert.ok(!verifyConsistency(0, emptyRoot, 3, root, [root]));
});

test('arbitrary proofs get an answer', () => {
  const number = fc.oneof(
    fc.nat(9),
    fc.maxSafeInteger(),
    fc.double(),
    fc.constantFrom(2 ** 53 - 1, 2 ** 52, 2 ** 32),
  );
  const path = fc.array(fc.oneof(anyHash, fc.uint8Array({ maxLength: 40 })), { maxLength: 70 });
  fc.assert(
    fc.property(number, number, anyHash, anyHash, path, (first, second, left, right, hashes) => {
      assert.equal(verifyConsistency(first, left, second, right, hashes), false);
      const root = rootFromInclusion(left, first, second, hashes);
      assert.ok(root === undefined || root.length === 32);
    }),
    { examples: [[2 ** 53 - 2, 2 ** 53 - 1, emptyRoot, leafHash(emptyRoot), Array(53).fill(emptyRoot)]] },
  );
});

test('the path of a leaf tells the root of the tree that ended with it', () => {
  const all = leavesOf(70);
  for (let size = 1; size <= all.length; size += 1)
    for (let index = 0; index < size; index += 1) {
      const path = inclusionPath(index, all.slice(0, size));
      const root = prefixRootFromInclusion(all[index] as Uint8Array, index, size, path);
      assert.deepEqual(root, rootHash(all.slice(0, index + 1)), `${index} of ${size}`);
    }
});
