/** The bound of AES-GCM, as callers meet it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, done, WorkerScene } from '../../testing/worker-scene.ts';

const place = { group: 'default', key: 'data' };
const ceiling = 2 ** 31;

/** A data key and a KEK of which other workers have reserved so much. */
async function reserved(invocations: number) {
  const scene = await WorkerScene.set();
  const { registry } = scene.deployment;
  for (const [name, purpose] of [
    ['data', 'data'],
    ['kek', 'kek'],
    ['fresh', 'data'],
  ] as const) {
    const { id } = await scene.ask('key.create', { group: 'default', name, purpose });
    const outcome = { actor: 'a', requestId: name, requestHash: '', reply: new Uint8Array() };
    const value = { reserved: name === 'fresh' ? 0 : invocations };
    await registry.commit([{ kind: 'gcm-count', id: `${id}/1`, expectedVersion: 0, value }], outcome, []);
  }
  const user = await scene.machine('user', 'crypto-user');
  const plugin = await scene.machine('plugin', 'kms-provider');
  const encrypt = () => user.call(scene.worker, 'crypto.encrypt', { ...place, plaintext: 'YQ' });
  return { scene, user, plugin, encrypt };
}

test('a version at the ceiling makes nothing more and opens what it made; after a rotation the key goes on', async () => {
  const { scene, user, plugin, encrypt } = await reserved(ceiling);
  assert.equal(codeOf(await encrypt()), 'key-exhausted');
  const seed = { group: 'default', key: 'kek', provider: 'p', plaintext: 'YQ' };
  assert.equal(codeOf(await plugin.call(scene.worker, 'kms.wrap', seed)), 'key-exhausted');
  const items = [place, { ...place, key: 'fresh' }, place].map((each) => ({ ...each, plaintext: 'YQ' }));
  const { results } = done<'crypto.encrypt-many'>(
    await user.call(scene.worker, 'crypto.encrypt-many', { items }),
  );
  assert.deepEqual(
    results.map((result) => (result.status === 'done' ? 'done' : result.code)),
    ['key-exhausted', 'done', 'key-exhausted'],
  );
  for (const name of ['data', 'kek']) await scene.ask('key.rotate', { group: 'default', name });
  assert.equal(done<'crypto.encrypt'>(await encrypt()).version, 2);
  assert.equal(codeOf(await plugin.call(scene.worker, 'kms.wrap', seed)), 'done');
});

test('at half of the ceiling a data key is rotated by itself and nobody is refused; of a KEK somebody hears', async () => {
  const { scene, plugin, encrypt } = await reserved(ceiling / 2);
  assert.equal(done<'crypto.encrypt'>(await encrypt()).version, 1);
  await scene.worker.worker.keepAppointments();
  assert.equal(done<'crypto.encrypt'>(await encrypt()).version, 2);
  assert.equal((await scene.ask('key.describe', { group: 'default', name: 'data' })).rotateAt, undefined);
  await plugin.call(scene.worker, 'kms.wrap', {
    group: 'default',
    key: 'kek',
    provider: 'p',
    plaintext: 'YQ',
  });
  const told = scene.worker.reports.find(({ event }) => event === 'key-nearly-exhausted');
  assert.equal(told?.fields.object, 'key/default/kek');
});

test('what a worker encrypts is reserved by the platform, in the log too, and seldom', async () => {
  const { scene, encrypt } = await reserved(0);
  const reservations = () =>
    scene.deployment.auditLog.entries.filter(({ operation }) => operation === 'platform.key.reserve').length;
  for (let each = 0; each < 50; each += 1) assert.equal(codeOf(await encrypt()), 'done');
  assert.equal(reservations(), 2);
});
