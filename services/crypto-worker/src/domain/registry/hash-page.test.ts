import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeHash } from '@strongroom/merkle';
import fc from 'fast-check';
import { HashPage, pageBytes, pageLeafCount } from './hash-page.ts';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** The definition: split in halves. */
function fold(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  const half = leaves.length / 2;
  return nodeHash(fold(leaves.slice(0, half)), fold(leaves.slice(half)));
}

test('the root is the Merkle root of the 256 leaves', () => {
  const leaves = Array.from({ length: pageLeafCount }, (_, index) => new Uint8Array(32).fill(index));
  const root = HashPage.of(Buffer.concat(leaves))?.root;
  assert.ok(root && Buffer.from(root).equals(fold(leaves)));
});

test('a page of equal leaves is the page of those leaves', () => {
  const leaf = new Uint8Array(32).fill(7);
  const leaves = Buffer.concat(new Array<Uint8Array>(pageLeafCount).fill(leaf));
  assert.deepEqual(HashPage.filled(leaf).root, HashPage.of(leaves)?.root);
});

test('bytes of another length are no page', () => {
  for (const length of [0, pageBytes - 1, pageBytes + 32])
    assert.equal(HashPage.of(new Uint8Array(length)), undefined);
});

test('a changed page is the page of the changed leaves, and the old one stays', () => {
  const empty = HashPage.filled(new Uint8Array(32));
  const { root } = empty;
  const changes = fc.uniqueArray(fc.tuple(fc.nat(pageLeafCount - 1), hash), {
    selector: ([index]) => index,
    maxLength: 20,
  });
  fc.assert(
    fc.property(changes, (list) => {
      const changed = empty.with(new Map(list));
      const leaves = Buffer.alloc(pageBytes);
      for (const [index, leaf] of list) leaves.set(leaf, index * 32);
      assert.deepEqual(changed.root, HashPage.of(leaves)?.root);
      assert.deepEqual(Buffer.from(changed.leaves()), leaves);
      assert.deepEqual(empty.root, root);
    }),
    { numRuns: 30 },
  );
});
