import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DomainEvent, newRequestId, subjects } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { MemoryBusHub } from './memory-bus.ts';
import { matchesSubject } from './memory-transport.ts';

const event = (): DomainEvent => ({
  id: newRequestId(),
  name: 'proposal.quorum.opened',
  at: '2030-01-01T00:00:00.000Z',
  object: 'proposal/x',
});

test('subjects match as the server matches them', () => {
  const rows: [string, string, boolean][] = [
    ['a.b', 'a.b', true],
    ['a.*', 'a.b', true],
    ['a.*', 'a.b.c', false],
    ['a.*', 'a', false],
    ['a.>', 'a.b.c', true],
    ['a.>', 'a', false],
    ['>', 'a', true],
    ['a.*.c', 'a.b.c', true],
    ['a.b.c', 'a.b', false],
  ];
  for (const [pattern, subject, expected] of rows) {
    assert.equal(matchesSubject(pattern, subject), expected, `${pattern} ${subject}`);
  }
});

test('the members of a queue share, and one that left gets nothing', async () => {
  const hub = new MemoryBusHub();
  const gateway = await hub.join('gateway');
  const workers = [await hub.join('crypto-worker'), await hub.join('crypto-worker')];
  const counts = [0, 0];
  for (const [index, worker] of workers.entries()) {
    await worker.respond(subjects.operation('crypto', 'default'), {
      handler: async (bytes) => {
        counts[index] = (counts[index] as number) + 1;
        return bytes;
      },
    });
  }
  const ask = () =>
    gateway.request(subjects.operation('crypto', 'default'), Buffer.from('x'), { deadlineMs: 1_000 });
  for (let round = 0; round < 10; round += 1) await ask();
  assert.deepEqual(counts, [5, 5]);
  await workers[0]?.drain();
  for (let round = 0; round < 10; round += 1) await ask();
  assert.deepEqual(counts, [5, 15]);
});

test('events are stored once, by those who may, and handed out again after a failure', async () => {
  const hub = new MemoryBusHub();
  const approvals = await hub.join('approvals');
  const gateway = await hub.join('gateway');
  const one = event();
  await approvals.publishEvent(one);
  await approvals.publishEvent(one);
  assert.deepEqual(hub.events, [one]);
  await assert.rejects(gateway.publishEvent(event()), { code: 'bus-unavailable' });
  await assert.rejects(approvals.publishEvent({ ...event(), name: 'x' } as never), TypeError);
  approvals.eventFault = new StrongroomError('bus-unavailable');
  await assert.rejects(approvals.publishEvent(event()), { code: 'bus-unavailable' });
  let tries = 0;
  const arrived = Promise.withResolvers<void>();
  const consumption = await gateway.consumeEvents({
    durable: 'any',
    handler: async () => {
      tries += 1;
      if (tries === 1) throw new Error('not now');
      arrived.resolve();
    },
  });
  await arrived.promise;
  await consumption.stop();
  assert.equal(tries, 2);
});
