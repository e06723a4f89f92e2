import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measure, summarise } from './measure.ts';

test('percentiles are nearest rank, and a rate counts what was measured', () => {
  const times = Array.from({ length: 100 }, (_, at) => at + 1);
  assert.deepEqual(summarise(times, 500), { opsPerSecond: 200, p50Us: 50, p99Us: 99 });
});

test('every caller asks one after the other, and an error is not swallowed', async () => {
  let underWay = 0;
  let most = 0;
  const load = { callers: 3, warmUpMs: 0, measureMs: 30 };
  const result = await measure(load, async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setTimeout(resolve, 2));
    underWay -= 1;
  });
  assert.equal(most, 3);
  assert.ok(result.opsPerSecond > 0);
  await assert.rejects(
    measure(load, () => Promise.reject(new Error('no'))),
    /no/,
  );
});
