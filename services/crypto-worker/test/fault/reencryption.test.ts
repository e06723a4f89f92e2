/**
 * The walk that encrypts values anew: every outbound step of it fails twice, and it is killed between any two. Afterwards every
 * value is there, under the new KEK, and nothing is left open.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import type { StepName } from '../../src/ports/steps.ts';
import { assertNothingIsLeftOpen } from '../../testing/log-oracle.ts';
import { type PortFault, TestWorker } from '../../testing/test-worker.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const group = 'payments';
const secrets = 40;

async function rotated() {
  const scene = await WorkerScene.set();
  await scene.ask('group.create', { group });
  for (let at = 0; at < secrets; at += 1) {
    const value = encodeBytes(Buffer.from(`value ${at}`));
    await scene.ask('secret.write', { group, name: `s-${at}`, kind: 'text', value });
  }
  await scene.ask('group.rotate', { group });
  return scene;
}

async function assertWhole(scene: WorkerScene, worker: TestWorker): Promise<void> {
  const { registry, clock } = scene.deployment;
  for (let run = 0; run < 3; run += 1) await worker.worker.reencryptGroups();
  clock.advance(120_000);
  await worker.worker.keyring.refresh();
  for (let run = 0; run < 3; run += 1) await worker.worker.reencryptGroups();
  await worker.worker.reconcile();
  const kek = (await registry.read('group', group))?.value.kekLabel;
  const versions = await registry.list('secret-version', { prefix: `${group}/`, limit: 1_000 });
  assert.equal(versions.length, secrets);
  assert.ok(versions.every(({ value }) => value.kekLabel === kek));
  for (const at of [0, 9, 31, 39]) {
    const answer = await scene.alice.call(worker, 'secret.read', { group, name: `s-${at}` });
    assert.equal(codeOf(answer), 'done');
    assert.ok(JSON.stringify(answer).includes(encodeBytes(Buffer.from(`value ${at}`))));
  }
  const { reencryption } = (await registry.read('group', group))?.value ?? {};
  assert.equal(reencryption?.reencrypted, secrets, 'each once');
  assert.ok(reencryption.finishedAt !== undefined);
  await assertNothingIsLeftOpen(scene.deployment);
}

const faults: readonly PortFault[] = [
  { method: 'list', kind: 'not-applied', code: 'database-unavailable' },
  { method: 'openIntent', kind: 'not-applied', code: 'database-unavailable' },
  { method: 'openIntent', kind: 'reply-lost', code: 'database-unavailable' },
  { method: 'append', kind: 'not-applied', code: 'audit-unavailable' },
  { method: 'append', kind: 'reply-lost', code: 'audit-unavailable' },
  { method: 'decrypt', kind: 'not-applied', code: 'hsm-unavailable' },
  { method: 'random', kind: 'not-applied', code: 'hsm-unavailable' },
  { method: 'encrypt', kind: 'reply-lost', code: 'hsm-unavailable' },
  { method: 'commit', kind: 'not-applied', code: 'database-unavailable' },
  { method: 'commit', kind: 'not-applied', code: 'version-conflict' },
  { method: 'commit', kind: 'reply-lost', code: 'outcome-unknown' },
  { method: 'closeIntent', kind: 'not-applied', code: 'database-unavailable' },
];

for (const fault of faults)
  test(`${fault.method} fails in the walk (${fault.kind}, ${fault.code}): it goes on, and no value is lost`, async () => {
    const scene = await rotated();
    scene.worker.failNext(fault);
    await scene.worker.worker.reencryptGroups().catch(() => undefined);
    await assertWhole(scene, scene.worker);
  });

const steps: readonly StepName[] = ['intent-opened', 'intent-appended', 'committed', 'outcome-appended'];

for (const step of steps)
  test(`killed in the walk at ${step}: another process goes on, and no value is lost`, async () => {
    const scene = await rotated();
    const next = await TestWorker.start(scene.deployment, 'worker-2');
    const { promise: dead, resolve } = Promise.withResolvers<void>();
    scene.worker.dieAt(step, resolve);
    void scene.worker.worker.reencryptGroups();
    await dead;
    await assertWhole(scene, next);
  });
