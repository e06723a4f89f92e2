import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkers } from '@strongroom/contracts';
import { identityFingerprint, verifySealingKeys } from '@strongroom/sealed';
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
