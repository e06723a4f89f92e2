/** A worker that is killed between any two steps, and the one that starts after it (I5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newRequestId } from '@strongroom/contracts';
import type { StepName } from '../../src/ports/steps.ts';
import { assertNothingIsLeftOpen } from '../../testing/log-oracle.ts';
import { TestWorker } from '../../testing/test-worker.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const kek = { group: 'default', name: 'kek', purpose: 'kek' } as const;

/** Step of death → what the same request is answered afterwards, and whether somebody has to be alarmed. */
const cases: readonly [StepName, string, alarms: number][] = [
  ['opened', 'done', 0],
  ['proved', 'done', 0],
  ['authorised', 'done', 0],
  ['quorum-checked', 'done', 0],
  ['intent-opened', 'outcome-unknown', 1],
  ['intent-appended', 'outcome-unknown', 1],
  ['effect-done', 'outcome-unknown', 1],
  ['committed', 'done', 0],
  ['outcome-appended', 'done', 0],
  ['sealed', 'done', 0],
];

for (const [step, answer, alarms] of cases) {
  test(`killed at ${step}: the next start finds it, and the request is answered ${answer}`, async () => {
    const { deployment, worker, alice } = await WorkerScene.set();
    const requestId = newRequestId();
    worker.dieAt(step);
    assert.equal(codeOf(await alice.call(worker, 'key.create', kek, { requestId })), 'killed');
    const next = await TestWorker.start(deployment);
    await assertNothingIsLeftOpen(deployment);
    assert.equal(
      deployment.registry.events.filter(({ name }) => name === 'operation.outcome.unknown').length,
      alarms,
    );
    assert.equal(codeOf(await alice.call(next, 'key.create', kek, { requestId })), answer);
    await assertNothingIsLeftOpen(deployment);
    const made = await deployment.hsm.listKeys(`strongroom/key/${requestId}/`);
    assert.ok(made.length <= 1, 'one effect at the most');
    const record = await deployment.registry.read('key', 'default/kek');
    assert.equal(record !== undefined, answer === 'done', 'a key is in use exactly where that was said');
  });

  test(`killed at ${step}: another worker lets it be for a minute, and then ends it`, async () => {
    const { deployment, worker, alice } = await WorkerScene.set();
    const requestId = newRequestId();
    const other = await TestWorker.start(deployment, 'worker-2');
    worker.dieAt(step);
    await alice.call(worker, 'key.create', kek, { requestId });
    const open = (await deployment.registry.listIntents()).length;
    await other.worker.reconcile();
    assert.equal((await deployment.registry.listIntents()).length, open);
    if (open === 1)
      assert.equal(
        codeOf(await alice.call(other, 'key.create', kek, { requestId })),
        open && answer === 'done' ? 'done' : 'outcome-unknown',
      );
    deployment.clock.advance(61_000);
    await other.worker.reconcile();
    await assertNothingIsLeftOpen(deployment);
  });
}

test('a worker that is at work is not disturbed by its own reconciliation', async () => {
  const { deployment, worker, alice } = await WorkerScene.set();
  const underWay = alice.call(worker, 'key.create', kek);
  const rounds = Array.from({ length: 20 }, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    await worker.worker.reconcile();
  });
  await Promise.all(rounds);
  assert.equal(codeOf(await underWay), 'done');
  await assertNothingIsLeftOpen(deployment);
});

test('two workers that end the same intent come to the same end', async () => {
  const { deployment, worker, alice } = await WorkerScene.set();
  worker.dieAt('effect-done');
  await alice.call(worker, 'key.create', kek);
  const others = await Promise.all(
    ['worker-2', 'worker-3'].map((name) => TestWorker.start(deployment, name)),
  );
  deployment.clock.advance(61_000);
  await Promise.all(others.map(({ worker: each }) => each.reconcile()));
  await assertNothingIsLeftOpen(deployment);
  const unknown = deployment.auditLog.entries.filter(({ outcome }) => outcome === 'unknown');
  assert.equal(unknown.length, 1);
  assert.equal(deployment.registry.events.length, 1);
});
