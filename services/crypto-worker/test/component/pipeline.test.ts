/** What holds for every operation, shown on some. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newRequestId } from '@strongroom/contracts';
import { TestWorker } from '../../testing/test-worker.ts';
import { codeOf, done, WorkerScene } from '../../testing/worker-scene.ts';

const list = { group: 'default', limit: 1 };
const kek = { group: 'default', name: 'kek', purpose: 'kek' } as const;

test('every step is told, in its order', async () => {
  const scene = await WorkerScene.set();
  const requestId = newRequestId();
  await scene.alice.call(scene.worker, 'key.create', kek, { requestId });
  const steps = scene.worker.steps.filter((step) => step.requestId === requestId).map(({ name }) => name);
  assert.deepEqual(steps, [
    'opened',
    'proved',
    'authorised',
    'quorum-checked',
    'intent-opened',
    'intent-appended',
    'effect-done',
    'committed',
    'outcome-appended',
    'sealed',
  ]);
});

test('what changes something has an intent and an outcome in the log, what does not has an outcome', async () => {
  const scene = await WorkerScene.set();
  const { auditLog } = scene.deployment;
  const [create, read] = [newRequestId(), newRequestId()];
  await scene.alice.call(scene.worker, 'key.create', kek, { requestId: create });
  await scene.alice.call(scene.worker, 'key.list', list, { requestId: read });
  const phases = (id: string) => auditLog.about(id).map(({ phase, outcome }) => `${phase} ${outcome}`);
  assert.deepEqual(phases(create), ['intent intended', 'outcome done']);
  assert.deepEqual(phases(read), ['outcome done']);
  assert.deepEqual(await scene.deployment.registry.listIntents(), []);
});

test('a mutation is carried out once for its id, and answered alike by every worker', async () => {
  const scene = await WorkerScene.set();
  const second = await TestWorker.start(scene.deployment, 'worker-2');
  const requestId = newRequestId();
  const first = await scene.alice.call(scene.worker, 'key.create', kek, { requestId });
  scene.deployment.clock.advance(3_000);
  for (const worker of [scene.worker, second]) {
    const again = await scene.alice.call(worker, 'key.create', kek, { requestId });
    assert.deepEqual(done(again), done(first));
  }
  const keys = await scene.deployment.hsm.listKeys(`strongroom/key/${requestId}/`);
  assert.equal(keys.length, 1);
  assert.equal(scene.deployment.auditLog.about(requestId).length, 4, 'each time that the answer left');
});

test('the same id for something else is refused', async () => {
  const scene = await WorkerScene.set();
  const requestId = newRequestId();
  await scene.alice.call(scene.worker, 'key.create', kek, { requestId });
  const other = { ...kek, name: 'other' };
  assert.equal(
    codeOf(await scene.alice.call(scene.worker, 'key.create', other, { requestId })),
    'request-replayed',
  );
  assert.equal(await scene.deployment.registry.read('key', 'default/other'), undefined);
});

test('an id that was refused for good is never carried out', async () => {
  const scene = await WorkerScene.set();
  const app = await scene.machine('app', 'auditor');
  const requestId = newRequestId();
  assert.equal(codeOf(await app.call(scene.worker, 'key.create', kek, { requestId })), 'denied');
  await scene.bind('app-operator', 'app:app', 'operator');
  assert.equal(codeOf(await app.call(scene.worker, 'key.create', kek, { requestId })), 'request-replayed');
  assert.equal(await scene.deployment.registry.read('key', 'default/kek'), undefined);
  assert.deepEqual(await scene.deployment.registry.listIntents(), []);
  assert.equal(codeOf(await app.call(scene.worker, 'key.create', kek)), 'done');
});

test('a refusal of the effect is the first answer for good', async () => {
  const scene = await WorkerScene.set();
  const requestId = newRequestId();
  const rotate = () =>
    scene.alice.call(scene.worker, 'key.rotate', { group: 'default', name: 'kek' }, { requestId });
  assert.equal(codeOf(await rotate()), 'absent');
  await scene.ask('key.create', kek);
  assert.equal(codeOf(await rotate()), 'absent');
  assert.deepEqual(await scene.deployment.registry.listIntents(), []);
});

test('a message is refused that is late, early, for another place or of another class', async () => {
  const scene = await WorkerScene.set();
  const { alice, worker, deployment } = scene;
  const at = (ms: number) => new Date(deployment.clock.nowMs() + ms).toISOString();
  const ask = async (routing: object) => codeOf(await alice.call(worker, 'key.list', list, { routing }));
  assert.equal(await ask({ notAfter: at(-1) }), 'request-expired');
  assert.equal(await ask({ notAfter: at(0) }), 'request-expired');
  assert.equal(await ask({ notAfter: at(60_001) }), 'request-expired');
  assert.equal(await ask({ notAfter: at(60_000) }), 'done');
  assert.equal(await ask({ class: 'crypto' }), 'request-invalid');
  assert.equal(await ask({ tenant: 'other' }), 'request-invalid');
  assert.equal(await ask({ pool: 'other' }), 'request-invalid');
});

test('what no row knows, and what does not fit its row, is refused and logged without its content', async () => {
  const scene = await WorkerScene.set();
  const { alice, worker, deployment } = scene;
  const send = async (name: string, params: object) => {
    const { frame, open } = await alice.seal(worker, name, params, { routing: { class: 'manage' } });
    return codeOf(await open(await worker.handle('frame', frame)));
  };
  assert.equal(await send('secret', { canary: 1 }), 'operation-unknown');
  assert.equal(await send('key.list', { group: 'default', limit: 1, canary: 1 }), 'request-invalid');
  assert.equal(await send('key.list', { group: 'Canary', limit: 1 }), 'request-invalid');
  const logged = JSON.stringify(deployment.auditLog.entries.slice(-3));
  assert.ok(!/canary/i.test(logged));
  assert.deepEqual(
    deployment.auditLog.entries.slice(-3).map(({ code, actor }) => [code, actor.id]),
    [
      ['operation-unknown', 'user:alice'],
      ['request-invalid', 'user:alice'],
      ['request-invalid', 'user:alice'],
    ],
  );
});

test('without the log nothing leaves but that it is silent (I4)', async () => {
  for (const outage of ['audit-unavailable', 'receipt-invalid'] as const) {
    const scene = await WorkerScene.set();
    const { alice, worker, deployment } = scene;
    await scene.ask('secret.write', { group: 'default', name: 's', kind: 'opaque', value: 'AA' });
    const keys = await deployment.hsm.listKeys('');
    deployment.auditLog.outage = outage;
    const answers = [
      await alice.call(worker, 'secret.read', { group: 'default', name: 's' }),
      await alice.call(worker, 'secret.read', { group: 'default', name: 'none' }),
      await alice.call(worker, 'key.create', kek),
      await alice.call(worker, 'key.list', list, { proof: 'none' }),
    ];
    for (const answer of answers) {
      assert.equal(codeOf(answer), outage);
      assert.ok(!('result' in answer) && !('session' in answer) && !('entry' in answer));
    }
    assert.deepEqual(await deployment.hsm.listKeys(''), keys);
    deployment.auditLog.outage = undefined;
    assert.equal(codeOf(await alice.call(worker, 'key.create', kek)), 'done');
  }
});

test('a mutation that met a silent log is closed when the log speaks again', async () => {
  const scene = await WorkerScene.set();
  const { alice, worker, deployment } = scene;
  const requestId = newRequestId();
  deployment.auditLog.outage = 'audit-unavailable';
  await alice.call(worker, 'key.create', kek, { requestId });
  deployment.auditLog.outage = undefined;
  await worker.worker.reconcile();
  assert.deepEqual(
    deployment.auditLog.about(requestId).map(({ phase, outcome, code }) => [phase, outcome, code]),
    [
      ['intent', 'intended', undefined],
      ['outcome', 'refused', 'audit-unavailable'],
    ],
  );
  assert.deepEqual(await deployment.registry.listIntents(), []);
  assert.equal(deployment.registry.events.length, 0, 'nobody is alarmed about what surely did not happen');
});

test('a flood of what nobody proved becomes few entries with an exact number', async () => {
  const scene = await WorkerScene.set();
  const { worker, deployment } = scene;
  const before = deployment.auditLog.entries.length;
  const garbage = Array.from({ length: 300 }, (_, index) => Buffer.from(`garbage ${index}`));
  await Promise.all(garbage.map((bytes) => worker.handle('frame', bytes)));
  const entries = deployment.auditLog.entries.slice(before);
  assert.ok(entries.length < 60, `${entries.length} entries`);
  const counted = entries.reduce((sum, { request }) => sum + Number(request['refusals'] ?? 1), 0);
  assert.equal(counted, 300);
  const common = entries.find(({ request }) => request['refusals'] !== undefined);
  assert.match(common?.request['codes'] ?? '', /^\{"message-malformed":\d+\}$/);
});

test('the first start fills the registry once, and the second finds it', async () => {
  const scene = await WorkerScene.set();
  const { deployment } = scene;
  const seeds = () =>
    deployment.auditLog.entries.filter(({ operation }) => operation === 'platform.seed').length;
  assert.equal(seeds(), 2);
  await TestWorker.start(deployment, 'worker-2');
  await TestWorker.start(deployment);
  assert.equal(seeds(), 2);
  const { keyring } = scene.worker.worker;
  const second = await TestWorker.start(deployment, 'worker-3');
  assert.deepEqual(second.worker.keyring.announcement().keys, keyring.announcement().keys);
});

test('an id is never carried out twice, though its first answer is kept for a day only', async () => {
  const scene = await WorkerScene.set();
  const { alice, deployment } = scene;
  const requestId = newRequestId();
  const secret = { group: 'default', name: 'database' };
  const write = { ...secret, kind: 'password', value: 'aGVsbG8' } as const;
  await alice.call(scene.worker, 'secret.write', write, { requestId });
  const second = await TestWorker.start(deployment, 'worker-2');
  const restarted = await TestWorker.start(deployment, 'worker-1');
  for (const worker of [scene.worker, second, restarted]) {
    const again = await alice.call(worker, 'secret.write', write, { requestId });
    assert.equal(done<'secret.write'>(again).version, 1, 'the first outcome, with any worker');
  }
  deployment.clock.advance(24 * 3_600_000 + 1);
  for (const worker of [scene.worker, restarted]) {
    await worker.worker.keyring.refresh();
    const late = await alice.call(worker, 'secret.write', write, { requestId });
    assert.equal(codeOf(late), 'request-replayed', 'the log knows the id for ever');
  }
  assert.equal((await scene.ask('secret.describe', secret)).currentVersion, 1);
});
