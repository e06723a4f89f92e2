import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UseRates } from './use-rates.ts';

test('a principal gets its rate a minute, and what was refused does not count', () => {
  const rates = new UseRates();
  const take = (uses: number, nowMs: number) => rates.take('key', 'app:a', 60, uses, nowMs);
  assert.equal(take(60, 0), true);
  assert.equal(take(1, 0), false);
  assert.equal(take(2, 1_000), false);
  assert.equal(take(1, 1_000), true);
  assert.equal(take(60, 61_000), true);
});

test('principals and keys count apart, and a clock that goes back gives nothing', () => {
  const rates = new UseRates();
  assert.equal(rates.take('key', 'app:a', 1, 1, 60_000), true);
  assert.equal(rates.take('key', 'app:b', 1, 1, 60_000), true);
  assert.equal(rates.take('other', 'app:a', 1, 1, 60_000), true);
  assert.equal(rates.take('key', 'app:a', 1, 1, 0), false);
});

test('it remembers at most ten thousand, and forgets who asked least lately', () => {
  const rates = new UseRates();
  assert.equal(rates.take('key', 'app:first', 1, 1, 0), true);
  for (let each = 0; each < 9_999; each += 1) rates.take('key', `app:${each}`, 1, 1, 0);
  assert.equal(rates.take('key', 'app:first', 1, 1, 0), false);
  rates.take('key', 'app:another', 1, 1, 0);
  assert.equal(rates.size, 10_000);
  assert.equal(rates.take('key', 'app:first', 1, 1, 0), false);
  assert.equal(rates.take('key', 'app:0', 1, 1, 0), true);
});
