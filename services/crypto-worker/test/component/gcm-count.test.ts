/** The bound of AES-GCM, as callers meet it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordName } from '../../src/domain/registry/record-name.ts';
import { TestWorker } from '../../testing/test-worker.ts';
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

const group = 'payments';

/** A group whose KEK has so many invocations reserved by other workers, and so many rotations behind it. */
async function groupScene(invocations: number, kekVersion = 1) {
  const scene = await WorkerScene.set();
  const { registry, auditLog } = scene.deployment;
  await scene.ask('group.create', { group });
  const record = await registry.read('group', group);
  assert.ok(record !== undefined);
  const { version: expectedVersion, value } = record;
  const outcome = { actor: 'a', requestId: 'others', requestHash: '', reply: new Uint8Array() };
  const countOf = { kind: 'gcm-count', id: value.kekLabel } as const;
  await registry.commit(
    [
      { kind: 'group', id: group, expectedVersion, value: { ...value, kekVersion } },
      { ...countOf, expectedVersion: 0, value: { reserved: invocations } },
    ],
    outcome,
    [],
  );
  const place = { group, name: 's' };
  const write = () => scene.alice.call(scene.worker, 'secret.write', { ...place, kind: 'text', value: 'YQ' });
  return {
    scene,
    write,
    read: async () => (await scene.ask('secret.read', place)).value,
    run: () => scene.worker.worker.reencryptGroups(),
    describe: () => scene.ask('group.describe', { group }),
    reserved: async () => (await registry.read('gcm-count', value.kekLabel))?.value.reserved,
    doneOf: (operation: string) =>
      auditLog.entries.filter((entry) => entry.operation === operation && entry.outcome === 'done').length,
  };
}

test('what is written under the KEK of a group is reserved by the platform before', async () => {
  const { write, reserved, doneOf } = await groupScene(0);
  for (let each = 0; each < 20; each += 1) assert.equal(codeOf(await write()), 'done');
  assert.deepEqual([await reserved(), doneOf('platform.key.reserve')], [1_024, 1]);
});

test('at half of the ceiling the KEK of a group is rotated by itself, once, and the values follow', async () => {
  const { write, read, run, describe, doneOf } = await groupScene(ceiling / 2);
  assert.equal(codeOf(await write()), 'done');
  await run();
  assert.equal((await describe()).kekVersion, 2);
  await run();
  const { kekVersion, reencryption } = await describe();
  assert.deepEqual([kekVersion, reencryption?.reencrypted, await read()], [2, 1, 'YQ']);
  assert.equal(codeOf(await write()), 'done');
  await run();
  assert.equal((await describe()).kekVersion, 2);
  assert.equal(doneOf('platform.group.rotate'), 1);
});

test('a group at the ceiling takes nothing more, opens what it has, and goes on under another KEK', async () => {
  const { scene, write, read, run } = await groupScene(ceiling - 1_024);
  assert.equal(codeOf(await write()), 'done');
  const other = scene.deployment.registry;
  const label = (await other.read('group', group))?.value.kekLabel ?? '';
  assert.equal((await other.read('gcm-count', label))?.value.reserved, ceiling);
  // Another worker, which has no stride of its own any more.
  const late = await TestWorker.start(scene.deployment, 'worker-2');
  const more = { group, name: 'more', kind: 'text', value: 'YQ' } as const;
  assert.equal(codeOf(await scene.alice.call(late, 'secret.write', more)), 'key-exhausted');
  assert.equal(await read(), 'YQ');
  await run();
  assert.equal(codeOf(await scene.alice.call(late, 'secret.write', more)), 'done');
});

test('while the HSM makes no key the rotation waits, is reported, and is made good', async () => {
  const { scene, write, run, describe } = await groupScene(ceiling / 2);
  await write();
  scene.worker.failNext({ method: 'createKey', kind: 'not-applied', code: 'hsm-unavailable' });
  await run();
  assert.ok(scene.worker.reports.some(({ event }) => event === 'reencryption-failed'));
  assert.equal((await describe()).kekVersion, 1);
  await run();
  assert.equal((await describe()).kekVersion, 2);
});

test('a group that has no rotation left is told of at half of the ceiling, and nothing is tried', async () => {
  const { scene, write, run, describe, doneOf } = await groupScene(ceiling / 2, 1_000);
  assert.equal(codeOf(await write()), 'done');
  await run();
  assert.deepEqual([(await describe()).kekVersion, doneOf('platform.group.rotate')], [1_000, 0]);
  const told = scene.worker.reports.find(({ event }) => event === 'key-nearly-exhausted');
  assert.equal(told?.fields.object, `group/${group}`);
});

test('a count that was tampered with stops the walk and passes no value by', async () => {
  const { scene, write, run, describe } = await groupScene(0);
  await write();
  await scene.ask('group.rotate', { group });
  const { registry } = scene.deployment;
  const label = (await registry.read('group', group))?.value.kekLabel ?? '';
  registry.tampered.add(recordName('gcm-count', label));
  await run();
  assert.ok(scene.worker.reports.some(({ event }) => event === 'reencryption-failed'));
  registry.tampered.clear();
  await run();
  const { reencryption } = await describe();
  assert.deepEqual([reencryption?.reencrypted, reencryption?.skipped], [1, undefined]);
});
