import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { newRequestId, type Proof } from '@strongroom/contracts';
import { proofDigest, requestHash } from '@strongroom/sealed';
import { pool, tenant } from '../../testing/deployment.ts';
import { KeyHolder } from '../../testing/key-holder.ts';
import { TestCaller } from '../../testing/test-caller.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const dayMs = 24 * 3_600_000;
const list = { group: 'default', limit: 1 };

async function apiKey(scene: WorkerScene, name = 'billing'): Promise<string> {
  const expiresAt = new Date(scene.deployment.clock.nowMs() + dayMs).toISOString();
  const principal = `app:${name}`;
  const { apiKey: key } = await scene.ask('principal.enrol', {
    principal,
    credential: { kind: 'api-key', expiresAt },
  });
  await scene.bind(`${name}-reader`, principal, 'auditor');
  return key as string;
}

test('without a proof nothing is done, and the refusal is logged', async () => {
  const scene = await WorkerScene.set();
  const answer = await scene.alice.call(scene.worker, 'key.list', list, { proof: 'none' });
  assert.equal(codeOf(answer), 'proof-missing');
  const entry = scene.deployment.auditLog.entries.at(-1);
  assert.deepEqual(entry?.actor, { id: 'anonymous', proof: 'none' });
  assert.deepEqual([entry?.operation, entry?.outcome, entry?.code], ['key.list', 'refused', 'proof-missing']);
  assert.deepEqual(entry?.request, {}, 'nothing of an unproven message is logged');
});

test('a signature by another key, over another request or for another principal proves nothing', async () => {
  const scene = await WorkerScene.set();
  const { worker, alice, deployment } = scene;
  const sign = (principal: string, holder: KeyHolder, data = new Uint8Array(32)): Proof => ({
    kind: 'key',
    principal,
    signature: encodeBytes(holder.sign(data)),
  });
  const [bob] = deployment.approvers;
  assert.ok(bob);
  for (const proof of [
    sign('user:alice', bob),
    sign('user:alice', deployment.alice),
    sign('user:nobody', deployment.alice),
    sign('user:bob', deployment.alice),
  ])
    assert.equal(codeOf(await alice.call(worker, 'key.list', list, { proof })), 'proof-invalid');
});

for (const algorithm of ['ed25519', 'ecdsa-p256'] as const)
  test(`a key of ${algorithm} proves its principal, by message and by session, until it is disabled`, async () => {
    const scene = await WorkerScene.set();
    const { worker } = scene;
    const holder = new KeyHolder('app:shop', algorithm);
    const { principal, publicKey } = holder;
    await scene.ask('principal.enrol', { principal, credential: { kind: 'key', publicKey } });
    await scene.bind('shop-reader', principal, 'auditor');
    const app = new TestCaller(holder);
    assert.equal(codeOf(await app.call(worker, 'key.list', list, { openSession: true })), 'done');
    assert.equal(codeOf(await app.inSession(worker, 'key.list', list)), 'done');
    const stranger = new TestCaller(new KeyHolder('app:shop', algorithm));
    assert.equal(codeOf(await stranger.call(worker, 'key.list', list)), 'proof-invalid');
    await scene.ask('principal.disable', { principal });
    assert.equal(codeOf(await app.call(worker, 'key.list', list)), 'denied');
  });

test('a key of one algorithm takes no signature of the other', async () => {
  const scene = await WorkerScene.set();
  const enrolled = new KeyHolder('app:shop', 'ecdsa-p256');
  const { principal, publicKey } = enrolled;
  await scene.ask('principal.enrol', { principal, credential: { kind: 'key', publicKey } });
  const other = new TestCaller(new KeyHolder('app:shop', 'ed25519'));
  assert.equal(codeOf(await other.call(scene.worker, 'key.list', list)), 'proof-invalid');
});

test('a proof for one request does not open a session for who carried it (I3)', async () => {
  const scene = await WorkerScene.set();
  const { worker, alice, deployment } = scene;
  const requestId = newRequestId(deployment.clock.nowMs());
  const notAfter = new Date(deployment.clock.nowMs() + 30_000).toISOString();
  const routing = { v: 1, pool, tenant, class: 'manage', requestId, notAfter } as const;
  const signed = proofDigest(requestHash(routing, 'key.list', list), false);
  const signature = encodeBytes(deployment.alice.sign(signed));
  const proof: Proof = { kind: 'key', principal: 'user:alice', signature };
  const greedy = await alice.call(worker, 'key.list', list, { routing, proof, openSession: true });
  assert.equal(codeOf(greedy), 'proof-invalid');
  assert.equal(codeOf(await alice.call(worker, 'key.list', list, { routing, proof })), 'done');
});

test('an API key works until it expires', async () => {
  const scene = await WorkerScene.set();
  const app = new TestCaller({ kind: 'api-key', key: await apiKey(scene) });
  assert.equal(codeOf(await app.call(scene.worker, 'key.list', list)), 'done');
  scene.deployment.clock.advance(dayMs);
  await scene.worker.worker.keyring.refresh();
  assert.equal(codeOf(await app.call(scene.worker, 'key.list', list)), 'proof-expired');
});

test('an API key with one character changed, of another principal or of no form is refused alike', async () => {
  const scene = await WorkerScene.set();
  const key = await apiKey(scene);
  const other = await apiKey(scene, 'other');
  const secretOf = (text: string) => text.slice(28);
  const swapped = key.slice(0, 28) + secretOf(other);
  const changed = `${key.slice(0, 40)}${key[40] === 'A' ? 'B' : 'A'}${key.slice(41)}`;
  for (const bad of [swapped, changed, `${key}A`, key.slice(0, -1), key.toUpperCase(), '', 'sr__']) {
    const app = new TestCaller({ kind: 'api-key', key: bad });
    assert.equal(codeOf(await app.call(scene.worker, 'key.list', list)), 'proof-invalid', bad);
  }
});

test('nobody reads an API key from the registry or the log', async () => {
  const scene = await WorkerScene.set();
  const key = await apiKey(scene);
  const records = await scene.deployment.registry.list('principal', { prefix: '', limit: 100 });
  assert.ok(!JSON.stringify(records).includes(key.slice(28)));
  assert.ok(!JSON.stringify(scene.deployment.auditLog.entries).includes(key.slice(28)));
});

test('a disabled principal is denied at its next message, by proof and in a session', async () => {
  const scene = await WorkerScene.set();
  const { worker } = scene;
  const app = await scene.machine('reader', 'auditor');
  await app.call(worker, 'key.list', list, { openSession: true });
  assert.equal(codeOf(await app.inSession(worker, 'key.list', list)), 'done');
  await scene.ask('principal.disable', { principal: 'app:reader' });
  assert.equal(codeOf(await app.inSession(worker, 'key.list', list)), 'denied');
  assert.equal(codeOf(await app.call(worker, 'key.list', list)), 'denied');
});

test('a binding that is taken away is gone at the next message', async () => {
  const scene = await WorkerScene.set();
  const { worker } = scene;
  const app = await scene.machine('reader', 'auditor');
  await app.call(worker, 'key.list', list, { openSession: true });
  await scene.ask('binding.delete', { name: 'reader-auditor' });
  assert.equal(codeOf(await app.inSession(worker, 'key.list', list)), 'denied');
});

test('nobody is enrolled twice, and no workload at all', async () => {
  const scene = await WorkerScene.set();
  const enrol = (principal: string, publicKey: string) =>
    scene.alice.call(scene.worker, 'principal.enrol', { principal, credential: { kind: 'key', publicKey } });
  const { publicKey } = new KeyHolder('app:one');
  assert.equal(codeOf(await enrol('app:one', publicKey)), 'done');
  assert.equal(codeOf(await enrol('app:one', publicKey)), 'already-exists');
  assert.equal(codeOf(await enrol('workload:c/n/s', publicKey)), 'request-invalid');
});

test('what is no public key is not enrolled', async () => {
  const scene = await WorkerScene.set();
  const enrol = (raw: Uint8Array) =>
    scene.alice.call(scene.worker, 'principal.enrol', {
      principal: 'app:none',
      credential: { kind: 'key', publicKey: encodeBytes(raw) },
    });
  const offCurve = new Uint8Array(33).fill(255);
  offCurve[0] = 2;
  assert.equal(codeOf(await enrol(offCurve)), 'request-invalid');
  assert.equal(codeOf(await enrol(new Uint8Array(33))), 'request-invalid');
});

test('a key of small order proves nothing', async () => {
  const scene = await WorkerScene.set();
  const publicKey = encodeBytes(new Uint8Array(32));
  await scene.ask('principal.enrol', { principal: 'app:zero', credential: { kind: 'key', publicKey } });
  const proof = { kind: 'key', principal: 'app:zero', signature: encodeBytes(new Uint8Array(64)) } as const;
  assert.equal(codeOf(await scene.alice.call(scene.worker, 'key.list', list, { proof })), 'proof-invalid');
});
