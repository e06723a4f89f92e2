import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkers } from '@strongroom/contracts';
import {
  decodeFrame,
  decodeRefusal,
  identityFingerprint,
  sealingKeysInstead,
  verifySealingKeys,
} from '@strongroom/sealed';
import { hsmLabel } from '../../src/domain/hsm-label.ts';
import { pool, tenant } from '../../testing/deployment.ts';
import { TestWorker } from '../../testing/test-worker.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const list = { group: 'default', limit: 1 };
const dayMs = 24 * 3_600_000;

test('what is announced is what callers accept, by the pinned identity', async () => {
  const { worker, deployment } = await WorkerScene.set();
  const { keyring, identity } = worker.worker;
  const announced = keyring.announcement();
  assert.ok(checkers.sealingKeys.check(announced));
  const pin = { identityFingerprint: identityFingerprint(identity), tenant, pool };
  const key = verifySealingKeys(announced, pin, deployment.clock.nowMs());
  assert.equal(key.epoch, keyring.newest().epoch);
});

test('a new day has a new key, made once for all workers, before it is needed', async () => {
  const scene = await WorkerScene.set();
  const { worker, deployment } = scene;
  const second = await TestWorker.start(deployment, 'worker-2');
  const { epoch } = worker.worker.keyring.newest();
  deployment.clock.advance(dayMs - 15 * 60_000);
  await Promise.all([worker.worker.keyring.refresh(), second.worker.keyring.refresh()]);
  assert.equal(worker.worker.keyring.newest().epoch, epoch, 'not in force yet');
  assert.deepEqual(worker.worker.keyring.announcement().keys, second.worker.keyring.announcement().keys);
  deployment.clock.advance(20 * 60_000);
  for (const each of [worker, second]) assert.equal(each.worker.keyring.newest().epoch, epoch + 1);
  assert.equal(codeOf(await scene.alice.call(second, 'key.list', list)), 'done');
});

test('what was sealed to yesterday’s key opens for two days, then never again', async () => {
  const scene = await WorkerScene.set();
  const { worker, deployment, alice } = scene;
  const { epoch } = worker.worker.keyring.newest();
  const notAfter = new Date(deployment.clock.nowMs() + 30_000).toISOString();
  const { frame } = await alice.seal(worker, 'key.list', list, { routing: { notAfter } });
  const code = async () => {
    await alice.call(worker, 'key.list', list);
    const before = deployment.auditLog.entries.length;
    await worker.handle('frame', frame);
    return deployment.auditLog.entries[before]?.code;
  };
  deployment.clock.advance(2 * dayMs);
  await worker.worker.keyring.refresh();
  await worker.worker.destroySealingKeys();
  assert.equal(await code(), 'request-expired', 'it opens, and is out of its time');
  deployment.clock.advance(dayMs);
  await worker.worker.keyring.refresh();
  await worker.worker.destroySealingKeys();
  assert.equal(await code(), 'sealing-key-unknown');
  assert.equal(await deployment.hsm.hasKey(hsmLabel.sealing(epoch)), false);
  assert.equal(await deployment.registry.read('sealing-key', `${pool}/${epoch}`), undefined);
  const restarted = await TestWorker.start(deployment);
  assert.equal(await restarted.worker.keyring.privateKeyOf(epoch), undefined);
});

test('a record with the halves of two keys is refused', async () => {
  const { worker, deployment } = await WorkerScene.set();
  deployment.clock.advance(dayMs);
  await worker.worker.keyring.refresh();
  const { registry } = deployment;
  const epoch = worker.worker.keyring.newest().epoch;
  const [old, now] = [
    await registry.read('sealing-key', `${pool}/${epoch - 1}`),
    await registry.read('sealing-key', `${pool}/${epoch}`),
  ];
  assert.ok(old && now);
  const value = {
    ...now.value,
    wrappedPrivateKey: old.value.wrappedPrivateKey,
    wrappedBy: old.value.wrappedBy,
  };
  const change = { kind: 'sealing-key', id: now.id, expectedVersion: now.version, value } as const;
  await registry.commit(
    [change],
    { actor: 'x', requestId: 'y', requestHash: 'z', reply: new Uint8Array() },
    [],
  );
  await assert.rejects(TestWorker.start(deployment, 'worker-2'), { code: 'record-tampered' });
});

test('what is sealed to a key that is gone is answered with the keys in force, signed', async () => {
  const { worker, deployment, alice } = await WorkerScene.set();
  const { frame } = await alice.seal(worker, 'key.list', list);
  deployment.clock.advance(3 * dayMs);
  await worker.worker.keyring.refresh();
  const answer = await worker.handle('frame', frame);
  assert.ok(answer !== 'killed');
  assert.equal(decodeRefusal(decodeFrame(answer)).code, 'sealing-key-unknown');
  const pin = { identityFingerprint: identityFingerprint(worker.worker.identity), tenant, pool };
  const key = verifySealingKeys(sealingKeysInstead(answer), pin, deployment.clock.nowMs());
  assert.equal(key.epoch, worker.worker.keyring.newest().epoch);
});

test('no other refusal carries keys', async () => {
  const { worker, alice } = await WorkerScene.set();
  await alice.call(worker, 'key.list', list, { openSession: true });
  const { frame } = alice.sealInSession(worker, 'key.list', list);
  await worker.handle('frame', frame);
  const again = await worker.handle('frame', frame);
  assert.ok(again !== 'killed');
  assert.equal(decodeRefusal(decodeFrame(again)).code, 'request-replayed');
  assert.equal(sealingKeysInstead(again), undefined);
});

test('through a week of epochs, with a worker that sleeps through each change, no call is refused', async () => {
  const scene = await WorkerScene.set();
  const { worker, deployment, alice } = scene;
  const second = await TestWorker.start(deployment, 'worker-2');
  const first = worker.worker.keyring.newest().epoch;
  const minuteMs = 60_000;
  for (let minute = 0; minute < 7 * 24 * 60; minute += 10) {
    deployment.clock.advance(10 * minuteMs);
    // The second worker looks an hour late: it opens what is sealed to a key that it did not make.
    for (const each of minute % 60 === 0 ? [worker, second] : [worker]) {
      await each.worker.keyring.refresh();
      await each.worker.ticketKeys.refresh();
    }
    if (minute % 60 === 0) await worker.worker.destroySealingKeys();
    if (minute % 120 !== 0) continue;
    const { frame, open } = await alice.seal(worker, 'key.list', list);
    const answer = await second.handle('frame', frame);
    assert.equal(codeOf(await open(answer)), 'done', `after ${minute} minutes`);
  }
  assert.equal(worker.worker.keyring.newest().epoch, first + 7);
  const kept = await deployment.registry.list('sealing-key', { prefix: `${pool}/`, limit: 100 });
  assert.ok(kept.length <= 4, `${kept.length} epochs are kept`);
  assert.equal((await deployment.hsm.listKeys('strongroom/sealing/')).length, kept.length);
});
