import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { subjects } from '@strongroom/contracts';
import { MemoryBusHub } from '@strongroom/testing';
import { FairTurns } from './fair-turns.ts';

const subject = subjects.operation('crypto', 'default');
const bytes = (content: string) => Buffer.from(content);

/** Holds the thread, as checking a signature does. */
function busyFor(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('a lone job runs at once; many take turns with everything else, in their order', async () => {
  const turns = new FairTurns();
  const ran: number[] = [];
  turns.run(() => ran.push(0));
  assert.deepEqual(ran, [0]);
  await nextTurn();
  for (let number = 1; number <= 6; number += 1) {
    turns.run(() => {
      busyFor(5);
      ran.push(number);
    });
  }
  for (let number = 1; number <= 6; number += 1) {
    assert.equal(ran.length, number + 1);
    await nextTurn();
  }
  assert.deepEqual(ran, [0, 1, 2, 3, 4, 5, 6]);
});

test('of a flood, whoever finds no room hears so before the others are served', async () => {
  const hub = new MemoryBusHub();
  const [gateway, worker] = [await hub.join('gateway'), await hub.join('crypto-worker')];
  let served = 0;
  const handler = async () => {
    busyFor(5);
    served += 1;
    return bytes('served');
  };
  await worker.respond(subject, { handler, inFlightMax: 20 });
  const servedAtRefusal: number[] = [];
  const ask = () =>
    gateway.request(subject, bytes('x'), { deadlineMs: 60_000 }).catch(({ code }) => {
      assert.equal(code, 'overloaded');
      servedAtRefusal.push(served);
    });
  await Promise.all(Array.from({ length: 60 }, ask));
  assert.deepEqual([served, servedAtRefusal.length], [20, 40]);
  assert.ok(Math.max(...servedAtRefusal) < 10, `${Math.max(...servedAtRefusal)} were served before`);
});

test('whoever would spend a quarter of its time waiting is told at once', async () => {
  const hub = new MemoryBusHub();
  const [gateway, worker] = [await hub.join('gateway'), await hub.join('crypto-worker')];
  const handler = async () => {
    busyFor(20);
    return bytes('served');
  };
  await worker.respond(subject, { handler });
  const ask = (deadlineMs: number) =>
    gateway.request(subject, bytes('x'), { deadlineMs }).then(
      () => 'served',
      ({ code }) => code,
    );
  const crowd = Array.from({ length: 30 }, () => ask(60_000));
  assert.deepEqual(await Promise.all([ask(200), ask(60_000)]), ['overloaded', 'served']);
  assert.deepEqual(new Set(await Promise.all(crowd)), new Set(['served']));
});

test('what waited for its turn longer than its requester does is not carried out', async () => {
  const hub = new MemoryBusHub();
  const [gateway, worker] = [await hub.join('gateway'), await hub.join('crypto-worker')];
  const deadlines: number[] = [];
  const handler = async (_: Uint8Array, { deadlineMs }: { readonly deadlineMs: number }) => {
    busyFor(60);
    deadlines.push(deadlineMs);
    return bytes('served');
  };
  await worker.respond(subject, { handler });
  const ask = (deadlineMs: number) =>
    gateway.request(subject, bytes('x'), { deadlineMs }).catch((fault) => fault.code);
  const asked = [ask(60_000), ask(30), ask(60_000)];
  const [, late] = await Promise.all(asked);
  assert.equal(late, 'deadline-exceeded');
  assert.equal(deadlines.length, 2);
  assert.ok((deadlines[1] as number) <= 59_950, String(deadlines));
});
