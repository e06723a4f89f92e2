import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CompactRange, leafHash, nodesAddedBy, rangeNodes, rootHash } from './index.ts';

const leavesOf = (size: number) => Array.from({ length: size }, (_, index) => leafHash(Uint8Array.of(index)));
const grown = (size: number) => {
  const range = new CompactRange();
  for (const leaf of leavesOf(size)) range.append(leaf);
  return range;
};

test('after every leaf the root is that of the leaves so far', () => {
  const range = new CompactRange();
  const leaves = leavesOf(70);
  assert.deepEqual(range.root(), rootHash([]));
  for (const [index, leaf] of leaves.entries()) {
    range.append(leaf);
    assert.equal(range.size, index + 1);
    assert.deepEqual(range.root(), rootHash(leaves.slice(0, index + 1)));
  }
});

test('an append tells the complete subtrees that it closes, with their hashes', () => {
  const leaves = leavesOf(70);
  const range = new CompactRange();
  for (const [index, leaf] of leaves.entries()) {
    const nodes = range.append(leaf);
    assert.deepEqual(
      nodes.map(({ level, index: place }) => ({ level, index: place })),
      nodesAddedBy(index),
    );
    for (const node of nodes) {
      const width = 2 ** node.level;
      const covered = leaves.slice(node.index * width, (node.index + 1) * width);
      assert.equal(covered.length, width);
      assert.deepEqual(node.hash, rootHash(covered));
    }
  }
});

test('a tree grows on from its serialised form, and from its stored subtrees, as if it had never stopped', () => {
  fc.assert(
    fc.property(fc.nat(70), fc.nat(20), (size, more) => {
      const original = grown(size);
      const restored = CompactRange.restore(original.serialise());
      const leaves = leavesOf(size);
      const peaks = rangeNodes({ begin: 0, end: size }).map(({ level, index }) =>
        rootHash(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)),
      );
      const rebuilt = CompactRange.of(size, peaks);
      for (const leaf of leavesOf(more))
        for (const range of [original, restored, rebuilt]) range.append(leaf);
      assert.deepEqual(restored.serialise(), original.serialise());
      assert.deepEqual(rebuilt.serialise(), original.serialise());
    }),
  );
});

test('a batch on a copy leaves the original as it was', () => {
  const range = grown(5);
  const before = range.root();
  range.copy().append(leafHash(Uint8Array.of(9)));
  assert.equal(range.size, 5);
  assert.deepEqual(range.root(), before);
});

test('bytes that are no tree are refused', () => {
  const bytes = grown(5).serialise();
  assert.throws(() => CompactRange.restore(bytes.subarray(1)), RangeError);
  assert.throws(() => CompactRange.restore(bytes.subarray(0, bytes.length - 32)), RangeError);
  assert.throws(() => CompactRange.restore(new Uint8Array(0)), RangeError);
  assert.throws(
    () => CompactRange.restore(Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255)),
    RangeError,
  );
  assert.throws(() => CompactRange.of(1, [new Uint8Array(31)]), RangeError);
  assert.throws(() => new CompactRange().append(new Uint8Array(33)), RangeError);
});
