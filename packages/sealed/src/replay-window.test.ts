import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ReplayWindows, replayWindowCounters } from './replay-window.ts';

/** The rule in one line each: once, and not older than the newest by the width of the window. */
class Oracle {
  readonly #seen = new Set<number>();
  #newest = -1;

  accept(counter: number): boolean {
    if (this.#seen.has(counter) || counter <= this.#newest - replayWindowCounters) return false;
    this.#seen.add(counter);
    this.#newest = Math.max(this.#newest, counter);
    return true;
  }
}

test('each counter is accepted once, in any order within the window', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -40, max: 40 }) },
    { weight: 2, arbitrary: fc.integer({ min: -1_100, max: 1_100 }) },
    { weight: 1, arbitrary: fc.integer({ min: -5_000, max: 5_000 }) },
  );
  fc.assert(
    fc.property(fc.nat({ max: 3_000 }), fc.array(step, { maxLength: 300 }), (start, steps) => {
      const windows = new ReplayWindows(3);
      const oracle = new Oracle();
      let counter = start;
      for (const by of steps) {
        counter = Math.max(0, counter + by);
        assert.equal(windows.accept(1, counter), oracle.accept(counter), String(counter));
      }
    }),
  );
});

test('the newest 1024 counters may come late, the one before them may not', () => {
  const windows = new ReplayWindows(3);
  assert.ok(windows.accept(1, 5_000));
  for (let counter = 5_000 - 1_023; counter < 5_000; counter += 1) assert.ok(windows.accept(1, counter));
  assert.ok(!windows.accept(1, 5_000 - 1_024));
  for (let counter = 5_000 - 1_023; counter <= 5_000; counter += 1) assert.ok(!windows.accept(1, counter));
});

test('counters beyond 32 bits keep their identity', () => {
  const windows = new ReplayWindows(3);
  for (const counter of [2 ** 32, 2 ** 33, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER]) {
    assert.ok(windows.accept(1, counter));
    assert.ok(!windows.accept(1, counter));
  }
  assert.ok(!windows.accept(1, 0));
});

test('windows beside each other know nothing of each other, and one that is reset has seen nothing', () => {
  const windows = new ReplayWindows(3);
  for (let counter = 0; counter < 3_000; counter += 1) assert.ok(windows.accept(1, counter));
  for (const other of [0, 2]) assert.ok(windows.accept(other, 0));
  assert.ok(!windows.accept(1, 2_999));
  windows.reset(1);
  assert.ok(windows.accept(1, 2_999));
  assert.ok(windows.accept(1, 2_998));
  for (const other of [0, 2]) assert.ok(!windows.accept(other, 0));
});
