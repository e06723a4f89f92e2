import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { leafHash } from './hash.ts';
import { JointProof, unprovenHashes } from './joint-proof.ts';
import { inclusionPath, rootHash } from './tree.ts';

const leavesOf = (size: number) =>
  Array.from({ length: size }, (_, at) => leafHash(Buffer.from(`leaf ${at}`)));

const shownPaths = (leaves: readonly Uint8Array[], indexes: readonly number[]) =>
  indexes.map((index, at) =>
    inclusionPath(index, leaves).slice(0, unprovenHashes(index, leaves.length, indexes[at - 1])),
  );

const someLeaves = fc
  .integer({ min: 1, max: 130 })
  .chain((size) =>
    fc.record({ size: fc.constant(size), indexes: fc.uniqueArray(fc.nat(size - 1), { minLength: 1 }) }),
  )
  .map(({ size, indexes }) => ({ size, indexes: indexes.toSorted((one, other) => one - other) }));

test('any leaves of any tree are proven, and no node is shown twice', () => {
  fc.assert(
    fc.property(someLeaves, ({ size, indexes }) => {
      const leaves = leavesOf(size);
      const paths = shownPaths(leaves, indexes);
      const proof = new JointProof(size, rootHash(leaves));
      for (const [at, index] of indexes.entries()) {
        assert.ok(proof.prove(index, leaves[index] as Uint8Array, paths[at] ?? []), `leaf ${index}`);
        assert.deepEqual(proof.auditPath(), inclusionPath(index, leaves));
      }
      const shown = paths.flat().map((hash) => Buffer.from(hash).toString('hex'));
      assert.equal(new Set(shown).size, shown.length);
    }),
  );
});

test('a run of leaves takes one hash for each of them, and a path at its edges', () => {
  const leaves = leavesOf(200);
  const run = Array.from({ length: 100 }, (_, at) => 50 + at);
  const shown = shownPaths(leaves, run).flat().length;
  assert.ok(shown <= run.length + 16, `${shown} hashes`);
});

test('the first leaf that is not in the tree is named, whichever it is', () => {
  const leaves = leavesOf(77);
  const indexes = [0, 1, 2, 9, 40, 41, 64, 76];
  const paths = shownPaths(leaves, indexes);
  for (const bad of indexes) {
    const proof = new JointProof(leaves.length, rootHash(leaves));
    const refused = indexes.find((index, at) => {
      const leaf = index === bad ? leafHash(Buffer.from('another')) : (leaves[index] as Uint8Array);
      return !proof.prove(index, leaf, paths[at] ?? []);
    });
    assert.equal(refused, bad);
  }
});

test('a changed, lost or added hash, another place and another order are refused', () => {
  const leaves = leavesOf(50);
  const root = rootHash(leaves);
  const [path = []] = shownPaths(leaves, [7]);
  const leaf = leaves[7] as Uint8Array;
  const proven = () => new JointProof(leaves.length, root);
  assert.ok(proven().prove(7, leaf, path));
  for (const at of path.keys()) assert.ok(!proven().prove(7, leaf, path.with(at, leaf)));
  assert.ok(!proven().prove(7, leaf, path.slice(1)));
  assert.ok(!proven().prove(7, leaf, [...path, root]));
  assert.ok(!proven().prove(6, leaf, path));
  for (const index of [-1, 0.5, 50, Number.NaN]) assert.ok(!proven().prove(index, leaf, path));
  assert.ok(!proven().prove(7, leaf.subarray(1), path));
  assert.ok(!new JointProof(0, root).prove(0, leaf, []));
  const twice = proven();
  assert.ok(twice.prove(7, leaf, path));
  assert.ok(!twice.prove(7, leaf, []));
  assert.ok(!twice.prove(8, leaves[8] as Uint8Array, []));
});

test('what an earlier proof has shown is counted from the places alone', () => {
  assert.equal(unprovenHashes(5, 8), 3);
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7].map((index) => unprovenHashes(index, 8, index - 1)),
    [0, 1, 0, 2, 0, 1, 0],
  );
  assert.throws(() => unprovenHashes(5, 8, 5), RangeError);
});
