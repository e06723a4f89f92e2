import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StrongroomError } from '@strongroom/errors';
import { MemoryLog } from '../../testing/memory-log.ts';
import { TestClock } from '../../testing/test-log.ts';
import { makeAwaitTurn, silenceMsMin } from './await-turn.ts';

function standBy() {
  const memory = new MemoryLog();
  const clock = new TestClock();
  const seen: boolean[] = [];
  const control = { isReachable: true, isAway: false };
  const head = () => {
    if (control.isAway) throw new StrongroomError('database-unavailable');
    return memory.head();
  };
  const awaitTurn = makeAwaitTurn({
    store: { head: async () => head() },
    status: { standBy: (_reason, seesWriter) => seen.push(seesWriter) },
    clock,
    isReachable: () => control.isReachable,
  });
  /** Looks every 200 ms; answers with the milliseconds after which it was its turn. */
  const waitFor = async (msMax: number, meanwhile: (ms: number) => void = () => undefined) => {
    for (let ms = 0; ms <= msMax; ms += 200) {
      meanwhile(ms);
      if ((await awaitTurn()) !== undefined) return ms;
      clock.advance(200);
    }
    return undefined;
  };
  return { memory, clock, seen, control, awaitTurn, waitFor };
}

test('a log that nobody writes is taken at once, and so is one that was handed over', async () => {
  const { memory, awaitTurn } = standBy();
  assert.equal((await awaitTurn())?.epoch, 0);
  await memory.takeEpoch(await memory.head());
  assert.equal(await awaitTurn(), undefined);
  await memory.release(1);
  assert.equal((await awaitTurn())?.epoch, 1);
});

test('who shows life keeps the pen, who is silent loses it', async () => {
  const { memory, seen, waitFor } = standBy();
  await memory.takeEpoch(await memory.head());
  assert.equal(await waitFor(10_000, (ms) => ms % 600 === 0 && void memory.beat(1)), undefined);
  assert.ok(seen.includes(false) && seen.at(-1) === true, 'it knows that there is a writer');
  const tookMs = await waitFor(10_000);
  assert.ok(tookMs !== undefined && tookMs <= silenceMsMin + 400, `${tookMs} ms`);
});

test('a database that was away and a pause of the one that looks are no silence of the writer', async () => {
  const { memory, clock, control, awaitTurn, waitFor } = standBy();
  await memory.takeEpoch(await memory.head());
  await waitFor(1_000);
  control.isAway = true;
  await assert.rejects(awaitTurn());
  clock.advance(400);
  control.isAway = false;
  assert.ok(((await waitFor(10_000)) ?? 0) >= silenceMsMin, 'after the database came back');
  const other = standBy();
  await other.memory.takeEpoch(await other.memory.head());
  await other.waitFor(1_000);
  other.clock.advance(30_000);
  assert.equal(await other.awaitTurn(), undefined, 'after a pause');
});

test('who is cut off does not take the pen', async () => {
  const { memory, control, waitFor } = standBy();
  await memory.takeEpoch(await memory.head());
  control.isReachable = false;
  assert.equal(await waitFor(5_000), undefined);
  control.isReachable = true;
  assert.ok(((await waitFor(5_000)) ?? 0) >= silenceMsMin);
});
