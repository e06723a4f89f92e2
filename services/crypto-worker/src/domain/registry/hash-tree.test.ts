import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyBucketHash } from './bucket.ts';
import { HashPage } from './hash-page.ts';
import { HashTree, pageOf } from './hash-tree.ts';

const leaf = (octet: number) => new Uint8Array(32).fill(octet);

test('the empty tree is the tree of empty buckets', () => {
  assert.deepEqual(HashTree.empty().root, HashPage.filled(HashPage.filled(emptyBucketHash).root).root);
});

test('a tree is rebuilt below its top from the pages that lead there', () => {
  const tree = HashTree.empty().with(
    new Map([
      [3, leaf(1)],
      [65_535, leaf(2)],
      [65_534, leaf(3)],
    ]),
  );
  const rebuilt = HashTree.empty().below(tree.top, (page) => tree.page(page)?.leaves());
  assert.deepEqual(rebuilt.page(255)?.leaf(255), leaf(2));
  assert.deepEqual(rebuilt.root, tree.root);
});

test('leaves that do not lead to the top leave their page unknown and no other', () => {
  const tree = HashTree.empty().with(
    new Map([
      [3, leaf(1)],
      [700, leaf(2)],
    ]),
  );
  const other = HashTree.empty().with(new Map([[3, leaf(9)]]));
  const shown = (page: number) => (page === 0 ? other : tree).page(page)?.leaves();
  const rebuilt = HashTree.empty().below(tree.top, shown);
  assert.equal(rebuilt.page(0), undefined);
  assert.deepEqual(rebuilt.page(pageOf(700))?.leaf(700 % 256), leaf(2));
  assert.throws(() => rebuilt.with(new Map([[4, leaf(5)]])), RangeError);
  assert.deepEqual(rebuilt.with(new Map([[701, leaf(5)]])).root, tree.with(new Map([[701, leaf(5)]])).root);
});
