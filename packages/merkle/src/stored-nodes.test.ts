import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  CompactRange,
  consistencyPath,
  consistencyPathFrom,
  type FetchNodes,
  inclusionPath,
  inclusionPathFrom,
  inclusionPathsFrom,
  leafHash,
  rootFrom,
  rootHash,
} from './index.ts';

const leavesOf = (size: number) => Array.from({ length: size }, (_, index) => leafHash(Uint8Array.of(index)));

/** A store as the audit service keeps it, filled by appends alone and later than the size that is asked for. */
function storeOf(size: number) {
  const nodes = new Map<string, Uint8Array>();
  const range = new CompactRange();
  for (const leaf of leavesOf(size)) {
    for (const { level, index, hash } of range.append(leaf)) nodes.set(`${level}/${index}`, hash);
  }
  const fetches: number[] = [];
  const fetchNodes: FetchNodes = async (ids) => {
    fetches.push(ids.length);
    return ids.map(({ level, index }) => {
      const hash = nodes.get(`${level}/${index}`);
      if (hash === undefined) throw new Error(`hole at ${level}/${index}`);
      return hash;
    });
  };
  return { fetches, fetchNodes };
}

test('roots and proofs of every earlier size come from the stored complete subtrees', async () => {
  const grownTo = 90;
  const { fetchNodes } = storeOf(grownTo);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: grownTo }), fc.nat(), fc.nat(), async (size, leaf, older) => {
      const leaves = leavesOf(size);
      const [index, first] = [leaf % size, older % (size + 1)];
      assert.deepEqual(await rootFrom(size, fetchNodes), rootHash(leaves));
      assert.deepEqual(await inclusionPathFrom(index, size, fetchNodes), inclusionPath(index, leaves));
      assert.deepEqual(await consistencyPathFrom(first, size, fetchNodes), consistencyPath(first, leaves));
    }),
  );
});

test('the paths of a page take one fetch and ask for no node twice', async () => {
  const { fetches, fetchNodes } = storeOf(64);
  const indexes = Array.from({ length: 64 }, (_, index) => index);
  const paths = await inclusionPathsFrom(indexes, 64, fetchNodes);
  assert.deepEqual(
    paths,
    indexes.map((index) => inclusionPath(index, leavesOf(64))),
  );
  assert.deepEqual(fetches, [126]);
});

test('nothing is fetched where a proof is empty', async () => {
  const { fetches, fetchNodes } = storeOf(4);
  assert.deepEqual(await rootFrom(0, fetchNodes), rootHash([]));
  assert.deepEqual(await inclusionPathFrom(0, 1, fetchNodes), []);
  assert.deepEqual(await consistencyPathFrom(4, 4, fetchNodes), []);
  assert.deepEqual(await inclusionPathsFrom([], 4, fetchNodes), []);
  assert.deepEqual(fetches, []);
});

test('a hole in the store, a short answer and an index past the end are faults', async () => {
  const { fetchNodes } = storeOf(4);
  await assert.rejects(inclusionPathFrom(0, 8, fetchNodes), /hole/);
  await assert.rejects(
    rootFrom(4, async () => []),
    RangeError,
  );
  assert.throws(() => inclusionPathsFrom([4], 4, fetchNodes), RangeError);
});
