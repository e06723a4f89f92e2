import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestWorker } from '../../testing/test-worker.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const list = { group: 'default', limit: 1 };
const minuteMs = 60_000;

async function inSession() {
  const scene = await WorkerScene.set();
  await scene.alice.call(scene.worker, 'key.list', list, { openSession: true });
  return { scene, worker: scene.worker, alice: scene.alice, clock: scene.deployment.clock };
}

test('a session goes on, with any worker of the pool', async () => {
  const { scene, worker, alice } = await inSession();
  const second = await TestWorker.start(scene.deployment, 'worker-2');
  for (const each of [worker, second, worker, second])
    assert.equal(codeOf(await alice.inSession(each, 'key.list', list)), 'done');
  assert.equal(scene.deployment.auditLog.entries.at(-1)?.actor.id, 'user:alice');
});

test('a message of a session is taken once', async () => {
  const { worker, alice } = await inSession();
  const { frame, openReply } = alice.sealInSession(worker, 'key.list', list);
  const first = await worker.handle('frame', frame);
  assert.ok(first !== 'killed');
  assert.equal(openReply(first).status, 'done');
  const second = await worker.handle('frame', frame);
  assert.ok(second !== 'killed');
  assert.throws(() => openReply(second), { code: 'request-replayed' }, 'an unsealed refusal');
});

test('what another worker answers to a replay only the first caller can open, and the log has it once', async () => {
  const { scene, worker, alice } = await inSession();
  const second = await TestWorker.start(scene.deployment, 'worker-2');
  const { frame, openReply } = alice.sealInSession(worker, 'key.list', list);
  const [one, two] = [await worker.handle('frame', frame), await second.handle('frame', frame)];
  assert.ok(one !== 'killed' && two !== 'killed');
  assert.equal(openReply(one).status, 'done');
  const again = openReply(two);
  assert.equal(again.status === 'refused' && again.error.code, 'request-replayed');
});

test('a session ends after ten minutes at the latest', async () => {
  const { worker, alice, clock } = await inSession();
  clock.advance(9 * minuteMs);
  await worker.worker.ticketKeys.refresh();
  assert.equal(codeOf(await alice.inSession(worker, 'key.list', list)), 'done');
  clock.advance(minuteMs);
  await worker.worker.ticketKeys.refresh();
  assert.equal(codeOf(await alice.inSession(worker, 'key.list', list)), 'session-ended');
});

test('a session that was opened before a worker started goes on with it', async () => {
  const { scene, alice, clock } = await inSession();
  clock.advance(5 * minuteMs);
  const fresh = await TestWorker.start(scene.deployment, 'worker-3');
  assert.equal(codeOf(await alice.inSession(fresh, 'key.list', list)), 'done');
});

test('a refused request opens no session', async () => {
  const scene = await WorkerScene.set();
  const missing = { group: 'default', name: 'absent' };
  const answer = await scene.alice.call(scene.worker, 'key.describe', missing, { openSession: true });
  assert.equal(codeOf(answer), 'absent');
  assert.throws(() => scene.alice.sealInSession(scene.worker, 'key.list', list), TypeError);
});

test('a message that says anything else than its envelope is refused', async () => {
  const { worker, alice } = await inSession();
  const { frame, openReply } = alice.sealInSession(worker, 'key.list', list);
  const text = Buffer.from(frame).toString('latin1').replace('"class":"manage"', '"class":"crypto"');
  const answer = await worker.handle('frame', Buffer.from(text, 'latin1'));
  assert.ok(answer !== 'killed');
  assert.throws(() => openReply(answer), { code: 'message-malformed' });
});
