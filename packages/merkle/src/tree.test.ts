/** Against the eight leaves of the certificate-transparency reference tests, and the definitions of RFC 6962. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  consistencyPath,
  emptyRoot,
  inclusionPath,
  leafHash,
  nodeHash,
  rootFromInclusion,
  rootHash,
  verifyConsistency,
} from './index.ts';

/** The tree of the certificate-transparency reference tests: leaf data, roots of the first one to eight leaves, audit paths. */
const reference: {
  readonly leaves: readonly string[];
  readonly roots: readonly string[];
  readonly inclusion: readonly {
    readonly index: number;
    readonly size: number;
    readonly path: readonly string[];
  }[];
} = JSON.parse(readFileSync(new URL('../test/golden/reference-tree.json', import.meta.url), 'utf8'));

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString('hex');
const leafHashes = reference.leaves.map((leaf) => leafHash(hex(leaf)));
const sized = (size: number) => leafHashes.slice(0, size);

test('the reference roots of one to eight leaves, and of none', () => {
  assert.equal(text(emptyRoot), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  assert.deepEqual(rootHash([]), emptyRoot);
  for (const [place, root] of reference.roots.entries()) assert.equal(text(rootHash(sized(place + 1))), root);
});

for (const { index, size, path } of reference.inclusion) {
  test(`the reference audit path of leaf ${index} in a tree of ${size}`, () => {
    assert.deepEqual(inclusionPath(index, sized(size)).map(text), path);
    const root = rootFromInclusion(leafHashes[index] as Uint8Array, index, size, path.map(hex));
    assert.equal(text(root), reference.roots[size - 1]);
  });
}

test('every audit path and every consistency proof of the reference tree verifies to the published roots', () => {
  for (let size = 1; size <= 8; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const root = rootFromInclusion(
        leafHashes[index] as Uint8Array,
        index,
        size,
        inclusionPath(index, sized(size)),
      );
      assert.equal(text(root), reference.roots[size - 1]);
    }
    for (let first = 1; first <= size; first += 1) {
      const [firstRoot, root] = [
        hex(reference.roots[first - 1] as string),
        hex(reference.roots[size - 1] as string),
      ];
      assert.ok(verifyConsistency(first, firstRoot, size, root, consistencyPath(first, sized(size))));
    }
  }
});

/** RFC 6962 section 2.1 word for word; slow, and easy to compare with the text. */
const definition = {
  split: (size: number) => 2 ** Math.ceil(Math.log2(size) - 1),
  mth(leaves: readonly Uint8Array[]): Uint8Array {
    if (leaves.length === 0) return emptyRoot;
    if (leaves.length === 1) return leaves[0] as Uint8Array;
    const k = this.split(leaves.length);
    return nodeHash(this.mth(leaves.slice(0, k)), this.mth(leaves.slice(k)));
  },
  path(m: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
    if (leaves.length <= 1) return [];
    const k = this.split(leaves.length);
    return m < k
      ? [...this.path(m, leaves.slice(0, k)), this.mth(leaves.slice(k))]
      : [...this.path(m - k, leaves.slice(k)), this.mth(leaves.slice(0, k))];
  },
  subproof(m: number, leaves: readonly Uint8Array[], whole: boolean): readonly Uint8Array[] {
    if (m === leaves.length) return whole ? [] : [this.mth(leaves)];
    const k = this.split(leaves.length);
    return m <= k
      ? [...this.subproof(m, leaves.slice(0, k), whole), this.mth(leaves.slice(k))]
      : [...this.subproof(m - k, leaves.slice(k), false), this.mth(leaves.slice(0, k))];
  },
};

test('roots and proofs are those of the definitions of RFC 6962', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 130 }), fc.nat(), fc.nat(), (size, leaf, older) => {
      const leaves = Array.from({ length: size }, (_, index) => leafHash(Uint8Array.of(index)));
      const [index, first] = [leaf % size, (older % size) + 1];
      assert.deepEqual(rootHash(leaves), definition.mth(leaves));
      assert.deepEqual(inclusionPath(index, leaves), definition.path(index, leaves));
      assert.deepEqual(consistencyPath(first, leaves), definition.subproof(first, leaves, true));
    }),
  );
});

test('what is no leaf or no size is a fault of the caller', () => {
  assert.throws(() => inclusionPath(3, sized(3)), RangeError);
  assert.throws(() => inclusionPath(-1, sized(3)), RangeError);
  assert.throws(() => inclusionPath(0.5, sized(3)), RangeError);
  assert.throws(() => consistencyPath(4, sized(3)), RangeError);
  assert.throws(() => nodeHash(new Uint8Array(31), new Uint8Array(32)), RangeError);
});
