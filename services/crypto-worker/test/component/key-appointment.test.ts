/** What happens to keys by itself: rotations that are due, destruction that was scheduled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperationRequest } from '@strongroom/contracts';
import { assertNothingIsLeftOpen } from '../../testing/log-oracle.ts';
import { TestWorker } from '../../testing/test-worker.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const place = { group: 'default', name: 'k' };
const dayMs = 24 * 3_600_000;

async function keyScene(params: Partial<OperationRequest<'key.create'>> = {}) {
  const scene = await WorkerScene.set();
  const { deployment } = scene;
  const { id } = await scene.ask('key.create', { ...place, purpose: 'kek', ...params });
  return {
    ...scene,
    ask: scene.ask.bind(scene),
    keep: () => scene.worker.worker.keepAppointments(),
    later: async (days: number) => {
      deployment.clock.advance(days * dayMs);
      await scene.worker.worker.keyring.refresh();
      await scene.worker.worker.ticketKeys.refresh();
    },
    labels: () => deployment.hsm.listKeys(`strongroom/key/${id}/`),
    appointments: () => deployment.registry.list('key-appointment', { prefix: '', limit: 9 }),
    current: async () => (await scene.ask('key.describe', place)).currentVersion,
  };
}

test('a key with a period is rotated when it is due, not before, and again after the next period', async () => {
  const { keep, later, current, appointments, labels } = await keyScene({ rotationDays: 30 });
  await later(29);
  await keep();
  assert.equal(await current(), 1);
  await later(1);
  await keep();
  await keep();
  assert.equal(await current(), 2);
  assert.equal((await appointments()).length, 1);
  await later(30);
  await keep();
  assert.deepEqual([await current(), (await labels()).length], [3, 3]);
});

test('a rotation by hand moves the date, a period that ended or a new one replaces it', async () => {
  const { ask, keep, later, current, appointments } = await keyScene({ rotationDays: 10 });
  await later(5);
  await ask('key.rotate', place);
  await later(5);
  await keep();
  assert.equal(await current(), 2, 'the first date is dropped');
  await ask('key.update', { ...place, rotationDays: 0 });
  assert.equal((await ask('key.describe', place)).rotateAt, undefined);
  await later(30);
  await keep();
  assert.deepEqual([await current(), (await appointments()).length], [2, 0]);
  await ask('key.update', { ...place, rotationDays: 1 });
  await later(1);
  await keep();
  assert.equal(await current(), 3);
});

test('a suspended key is not rotated, and is looked at again the next day', async () => {
  const { ask, keep, later, current, worker } = await keyScene({ rotationDays: 1 });
  await ask('key.suspend', place);
  await later(1);
  await keep();
  assert.ok(worker.reports.some(({ event }) => event === 'key-appointment-postponed'));
  await ask('key.resume', place);
  await keep();
  assert.equal(await current(), 1);
  await later(1);
  await keep();
  assert.equal(await current(), 2);
});

test('what was scheduled is destroyed when it is due: the token object, the record says so, the name stays taken', async () => {
  const { ask, keep, later, labels, appointments, alice, worker, deployment } = await keyScene();
  await ask('key.rotate', place);
  await ask('key.deactivate', place);
  await ask('key.schedule-destruction', { ...place, afterDays: 7 });
  await later(6);
  await keep();
  assert.equal((await labels()).length, 2);
  await later(1);
  await keep();
  assert.deepEqual([await labels(), await appointments()], [[], []]);
  const key = await ask('key.describe', place);
  assert.deepEqual([key.state, key.destroyAt], ['destroyed', undefined]);
  const { versions } = await ask('key.list-versions', { ...place, limit: 9 });
  assert.ok(versions.every(({ state }) => state === 'destroyed'));
  for (const verb of ['key.resume', 'key.rotate', 'key.update', 'key.cancel-destruction'] as const)
    assert.equal(codeOf(await alice.call(worker, verb, place)), 'key-destroyed', verb);
  const again = await alice.call(worker, 'key.create', { ...place, purpose: 'kek' });
  assert.equal(codeOf(again), 'already-exists');
  await assertNothingIsLeftOpen(deployment);
});

test('one version is destroyed and the others live', async () => {
  const { ask, keep, later, labels } = await keyScene();
  await ask('key.rotate', place);
  await ask('key.deactivate', { ...place, version: 1 });
  await ask('key.schedule-destruction', { ...place, version: 1, afterDays: 7 });
  await later(7);
  await keep();
  const [left, ...more] = await labels();
  assert.match(left ?? '', /\/2\//);
  assert.deepEqual(more, []);
  assert.equal((await ask('key.describe', place)).state, 'active');
});

test('a destruction that was taken back does not happen, not even with a second one after it', async () => {
  const { ask, keep, later, labels } = await keyScene();
  await ask('key.deactivate', place);
  await ask('key.schedule-destruction', { ...place, afterDays: 7 });
  await ask('key.cancel-destruction', place);
  await ask('key.schedule-destruction', { ...place, afterDays: 20 });
  await later(10);
  await keep();
  assert.equal((await labels()).length, 1);
  await later(10);
  await keep();
  assert.equal((await labels()).length, 0);
});

test('a KEK version that a provider came to list is not destroyed, and somebody hears of it', async () => {
  const { ask, keep, later, labels, worker } = await keyScene();
  await ask('key.rotate', place);
  await ask('key.deactivate', { ...place, version: 1 });
  await ask('key.schedule-destruction', { ...place, version: 1, afterDays: 7 });
  await ask('key.update', { ...place, providers: ['prod'] });
  await later(7);
  await keep();
  assert.equal((await labels()).length, 2);
  assert.ok(worker.reports.some(({ event }) => event === 'key-appointment-postponed'));
  await ask('key.update', { ...place, minimumVersion: 2 });
  await later(1);
  await keep();
  assert.equal((await labels()).length, 1);
});

/** Each step of the destruction fails before and after its effect; then the next rounds finish it. */
for (const kind of ['not-applied', 'reply-lost'] as const)
  for (const [method, code] of [
    ['openIntent', 'database-unavailable'],
    ['append', 'audit-unavailable'],
    ['destroyKey', 'outcome-unknown'],
    ['commit', 'outcome-unknown'],
  ] as const)
    test(`a destruction whose ${method} is ${kind} is finished later, and no record promises what is gone`, async () => {
      const { ask, keep, later, labels, worker, deployment, appointments } = await keyScene();
      await ask('key.deactivate', place);
      await ask('key.schedule-destruction', { ...place, afterDays: 7 });
      await later(7);
      worker.failNext({ method, kind, code });
      await keep();
      const { state } = await ask('key.describe', place);
      assert.ok(
        (await labels()).length === 1 || state === 'destroyed',
        'gone in the token, promised by the record',
      );
      const next = await TestWorker.start(deployment);
      for (let round = 0; round < 3; round += 1) {
        deployment.clock.advance(61_000);
        await next.worker.reconcile();
        await worker.worker.reconcile();
        await next.worker.keepAppointments();
      }
      assert.deepEqual([await labels(), await appointments()], [[], []]);
      await assertNothingIsLeftOpen(deployment);
    });

test('a rotation that was cut off before its commit leaves an orphan that is told, and is made once', async () => {
  const { keep, later, worker, deployment, current, labels } = await keyScene({ rotationDays: 1 });
  await later(1);
  worker.failNext({ method: 'commit', kind: 'not-applied', code: 'outcome-unknown' });
  await keep();
  deployment.clock.advance(61_000);
  await worker.worker.reconcile();
  assert.equal(worker.reports.find(({ event }) => event === 'hsm-orphan')?.fields.count, 1);
  await keep();
  assert.deepEqual([await current(), (await labels()).length], [2, 3]);
  await assertNothingIsLeftOpen(deployment);
});
