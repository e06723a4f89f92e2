import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backOffMs } from './back-off.ts';

test('the pause doubles from half a second to five minutes, and half of it is chance', () => {
  assert.deepEqual(
    [1, 2, 3].map((failures) => backOffMs(failures, 1)),
    [500, 1_000, 2_000],
  );
  assert.equal(backOffMs(1, 0), 250);
  assert.equal(backOffMs(5_000, 1), 300_000);
});

test('it is never none and never more than five minutes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, chance) => {
        const ms = backOffMs(failures, chance);
        assert.ok(ms >= 250 && ms <= 300_000);
      },
    ),
  );
});
