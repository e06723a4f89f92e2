import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from './fake-clock.ts';

test('the clock moves only when it is told to, both ways', () => {
  const clock = new FakeClock('2030-01-01T00:00:00.000Z');
  clock.advance(1_500);
  assert.equal(clock.now(), '2030-01-01T00:00:01.500Z');
  clock.advance(-3_000);
  assert.equal(clock.now(), '2029-12-31T23:59:58.500Z');
  assert.equal(clock.nowMs(), Date.parse(clock.now()));
  assert.throws(() => new FakeClock('never'), TypeError);
});
