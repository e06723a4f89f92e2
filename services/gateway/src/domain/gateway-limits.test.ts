import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InFlight } from './in-flight.ts';
import { TokenBuckets } from './token-buckets.ts';

test('a full lane refuses and the other lane still takes', () => {
  const inFlight = new InFlight({ crypto: 2, manage: 1 });
  assert.ok(inFlight.enter('crypto') && inFlight.enter('crypto'));
  assert.equal(inFlight.enter('crypto'), false);
  assert.equal(inFlight.enter('manage'), true);
  inFlight.leave('crypto');
  assert.equal(inFlight.enter('crypto'), true);
  assert.equal(inFlight.count, 3);
});

test('a bucket gives its burst, then its rate', () => {
  const buckets = new TokenBuckets({ perSecond: 10, burst: 3, callersMax: 10 });
  assert.deepEqual(
    [0, 0, 0, 0, 100, 100].map((at) => buckets.take('a', at)),
    [true, true, true, false, true, false],
  );
  assert.equal(buckets.take('b', 100), true);
});

test('whatever the clock does, no caller gets more than burst plus rate', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 200 }), (times) => {
      const buckets = new TokenBuckets({ perSecond: 5, burst: 5, callersMax: 2 });
      const taken = times.filter((at) => buckets.take('a', at)).length;
      let forwardMs = 0;
      let last = times[0] ?? 0;
      for (const at of times) {
        forwardMs += Math.max(0, at - last);
        last = at;
      }
      assert.ok(taken <= 5 + (forwardMs * 5) / 1_000 + 1e-6);
    }),
  );
});

test('the table of callers is bounded', () => {
  const buckets = new TokenBuckets({ perSecond: 1, burst: 1, callersMax: 3 });
  for (let caller = 0; caller < 100; caller += 1) buckets.take(String(caller), caller);
  assert.equal(buckets.callers, 3);
});
