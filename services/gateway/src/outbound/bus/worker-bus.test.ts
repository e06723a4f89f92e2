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
    assert.rejects(workers.sealingKeys('default', 60_000), { code: 'hsm-unavailable' }),
  ]);
  assert.ok(performance.now() - begin < 30_000);
});

test('what no member of the pool takes goes to whoever is left of it', async () => {
  const hub = new MemoryBusHub();
  const [gateway, worker] = [await hub.join('gateway'), await hub.join('crypto-worker')];
  const { carry } = makeWorkerBus(gateway);
  const ask = async () =>
    Buffer.from(await carry({ class: 'crypto', pool: 'default' }, Buffer.from('frame'), 5_000)).toString();
  await assert.rejects(ask(), { code: 'worker-unavailable' });
  const say = (who: string) => async (frame: Uint8Array) => Buffer.from(`${who} has ${Buffer.from(frame)}`);
  await worker.respond(subjects.lastResort('crypto', 'default'), { handler: say('the rest') });
  assert.equal(await ask(), 'the rest has frame');
  const member = await worker.respond(subjects.operation('crypto', 'default'), { handler: say('a member') });
  assert.equal(await ask(), 'a member has frame');
  await member.drain();
  assert.equal(await ask(), 'the rest has frame');
});
