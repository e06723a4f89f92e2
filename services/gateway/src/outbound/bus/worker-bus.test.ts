import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subjects } from '@strongroom/contracts';
import { MemoryBusHub } from '@strongroom/testing';
import { makeWorkerBus } from './worker-bus.ts';

test('who took an envelope and is silent is not waited for, and what became of it is not guessed', async () => {
  const hub = new MemoryBusHub();
  const [gateway, worker] = [await hub.join('gateway'), await hub.join('crypto-worker')];
  for (const subject of [subjects.operation('crypto', 'default'), subjects.sealingKeys('default')])
    await worker.transport.subscribe(subject, 'crypto-worker', () => undefined);
  const workers = makeWorkerBus(gateway);
  const begin = performance.now();
  await Promise.all([
    assert.rejects(workers.carry({ class: 'crypto', pool: 'default' }, new Uint8Array(1), 60_000), {
      code: 'worker-silent',
    }),
    assert.rejects(workers.sealingKeys('default', 60_000), { code: 'worker-unavailable' }),
  ]);
  assert.ok(performance.now() - begin < 30_000);
});
