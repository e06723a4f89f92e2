import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf } from '../../testing/test-export.ts';
import { OrderCheck } from './order-check.ts';

/** Feeds [index, number of the actor] pairs; answers with the index that is refused first. */
function firstRefused(...shown: readonly (readonly [index: number, number: number, actor?: string])[]) {
  const order = new OrderCheck();
  for (const [index, actorSeq, actor] of shown) {
    const placement = { at: '2030-01-01T00:00:00.000Z', actorSeq, objectSeqs: [] };
    if (order.add(index, { body: bodyOf({ objects: [] }, actor), placement }) !== undefined) return index;
  }
  return undefined;
}

test('where nothing is left out the numbers count from 1', () => {
  assert.equal(firstRefused([0, 1], [1, 2], [2, 1, 'user:bob'], [3, 3]), undefined);
  assert.equal(firstRefused([0, 2]), 0);
  assert.equal(firstRefused([0, 1], [1, 2, 'user:bob']), 1);
  assert.equal(firstRefused([0, 1], [1, 1]), 1);
  assert.equal(firstRefused([0, 1], [1, 3]), 1);
});

test('where entries are left out the numbers grow, at most as much as the indexes', () => {
  assert.equal(firstRefused([5, 3], [9, 7]), undefined);
  assert.equal(firstRefused([5, 3], [9, 8]), 9);
  assert.equal(firstRefused([5, 3], [9, 3]), 9);
  assert.equal(firstRefused([5, 3], [9, 2]), 9);
});

test('an unbroken run that begins later counts without gaps from where it begins', () => {
  assert.equal(firstRefused([5, 3], [6, 4], [7, 9, 'user:bob'], [8, 5]), undefined);
  assert.equal(firstRefused([5, 3], [6, 5]), 6);
});

test('indexes go on', () => {
  assert.equal(firstRefused([5, 3], [5, 4]), 5);
  assert.equal(firstRefused([5, 3], [4, 4]), 4);
});
