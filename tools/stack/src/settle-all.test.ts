import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settleAll } from './settle-all.ts';

test('all parts are given in order', async () => {
  const nothing = () => assert.fail('no part failed');
  assert.deepEqual(await settleAll([Promise.resolve(1), Promise.resolve('two')], nothing), [1, 'two']);
});

test('the first fault is told at once and thrown when every part has settled', async () => {
  const slow = Promise.withResolvers<number>();
  const told: unknown[] = [];
  const first = new Error('first');
  let isOver = false;
  const all = settleAll([Promise.reject(first), slow.promise], (fault) => told.push(fault)).finally(() => {
    isOver = true;
  });
  const rejected = assert.rejects(all, first);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, [first]);
  assert.ok(!isOver);
  slow.reject(new Error('second'));
  await rejected;
});
