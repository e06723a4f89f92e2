import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryCeiling } from './memory-ceiling.ts';

const above = { residentBytesMax: 100, everyMs: 1, residentBytes: () => 101 };

test('a process above its ceiling leaves when it is its turn, and asks until then', async () => {
  const left = Promise.withResolvers<void>();
  const answers = [async () => false, () => Promise.reject(new Error('no database')), async () => true];
  let leavings = 0;
  const ceiling = new MemoryCeiling({
    ...above,
    mayLeave: () => answers.shift()?.() ?? Promise.resolve(true),
    leave: () => {
      leavings += 1;
      left.resolve();
    },
  });
  ceiling.start();
  await left.promise;
  assert.equal(answers.length, 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(leavings, 1, 'once');
});

test('a process at its ceiling stays, and does not even ask', async () => {
  let looks = 0;
  const looked = Promise.withResolvers<void>();
  const ceiling = new MemoryCeiling({
    ...above,
    residentBytes: () => {
      looks += 1;
      if (looks === 3) looked.resolve();
      return 100;
    },
    mayLeave: () => assert.fail('asked'),
    leave: () => assert.fail('left'),
  });
  ceiling.start();
  await looked.promise;
  ceiling.stop();
});
