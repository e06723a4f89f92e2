import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { codeOf, done, WorkerScene } from '../../testing/worker-scene.ts';

const named = { group: 'default', name: 'database' };
const value = encodeBytes(Buffer.from('correct horse'));
const newer = encodeBytes(Buffer.from('battery staple'));

async function written() {
  const scene = await WorkerScene.set();
  await scene.ask('secret.write', { ...named, kind: 'password', value });
  return scene;
}

test('a secret is read by version, and without one the newest', async () => {
  const scene = await written();
  const { version } = await scene.ask('secret.write', { ...named, kind: 'password', value: newer });
  assert.equal(version, 2);
  assert.equal((await scene.ask('secret.read', named)).value, newer);
  assert.equal((await scene.ask('secret.read', { ...named, version: 1 })).value, value);
  const missing = await scene.alice.call(scene.worker, 'secret.read', { ...named, version: 3 });
  assert.equal(codeOf(missing), 'absent');
});

test('a writer that saw another version is told so, and nothing is written', async () => {
  const scene = await written();
  const write = (expectedVersion: number, kind: 'password' | 'pin' = 'password') =>
    scene.alice.call(scene.worker, 'secret.write', { ...named, kind, value: newer, expectedVersion });
  assert.equal(codeOf(await write(0)), 'version-conflict');
  assert.equal(codeOf(await write(2)), 'version-conflict');
  assert.equal(codeOf(await write(1, 'pin')), 'already-exists');
  assert.equal((await scene.ask('secret.describe', named)).currentVersion, 1);
  assert.equal(codeOf(await write(1)), 'done');
});

test('there is no secret in a group that does not exist, and no value in what is described', async () => {
  const scene = await written();
  const stray = { group: 'nowhere', name: 'x', kind: 'opaque', value } as const;
  assert.equal(codeOf(await scene.alice.call(scene.worker, 'secret.write', stray)), 'absent');
  assert.deepEqual(Object.keys(await scene.ask('secret.describe', named)).sort(), [
    'createdAt',
    'currentVersion',
    'group',
    'kind',
    'labels',
    'metadata',
    'name',
    'requiresExpectedVersion',
    'updatedAt',
    'versions',
    'versionsMax',
  ]);
});

test('a record that was moved to another secret does not open (I9)', async () => {
  const scene = await written();
  await scene.ask('secret.write', { ...named, name: 'other', kind: 'password', value: newer });
  const { registry } = scene.deployment;
  const stolen = await registry.read('secret-version', 'default/database/1');
  const target = await registry.read('secret-version', 'default/other/1');
  assert.ok(stolen && target);
  // As a database would that could also make MACs: the encryption has to hold by itself.
  const change = {
    kind: 'secret-version',
    id: target.id,
    expectedVersion: target.version,
    value: stolen.value,
  } as const;
  await registry.commit(
    [change],
    { actor: 'x', requestId: 'y', requestHash: 'z', reply: new Uint8Array() },
    [],
  );
  const read = await scene.alice.call(scene.worker, 'secret.read', { ...named, name: 'other' });
  assert.equal(codeOf(read), 'record-tampered');
});

test('a pod reads all its secrets at once, each with its own outcome, and the log names each', async () => {
  const scene = await written();
  const app = await scene.machine('pod', 'secret-reader', 'default');
  const { secrets } = done<'secret.read-many'>(
    await app.call(scene.worker, 'secret.read-many', {
      secrets: [named, { group: 'default', name: 'absent' }, { group: 'other', name: 'database' }],
    }),
  );
  assert.deepEqual(
    secrets.map((item) => (item.status === 'done' ? item.secret.value : item.code)),
    [value, 'absent', 'denied'],
  );
  const entry = scene.deployment.auditLog.entries.at(-1);
  assert.deepEqual(
    entry?.objects.map(({ code, version }) => code ?? version),
    [1, 'absent', 'denied'],
  );
});

test('a request that touches no group of the caller is denied as a whole', async () => {
  const scene = await written();
  const app = await scene.machine('pod', 'secret-reader', 'default');
  const answer = await app.call(scene.worker, 'secret.read-many', {
    secrets: [{ group: 'other', name: 'x' }],
  });
  assert.equal(codeOf(answer), 'denied');
});

test('an outage of the HSM is everybody’s, not one secret’s', async () => {
  const scene = await written();
  scene.deployment.hsm.setAvailable(false);
  const answer = await scene.alice.call(scene.worker, 'secret.read-many', { secrets: [named] });
  assert.equal(codeOf(answer), 'hsm-unavailable');
});

test('no value comes into the log, in no encoding', async () => {
  const scene = await written();
  await scene.ask('secret.read', named);
  const text = JSON.stringify(scene.deployment.auditLog.entries);
  const bytes = Buffer.from('correct horse');
  for (const form of ['utf8', 'hex', 'base64', 'base64url'] as const)
    assert.ok(!text.includes(bytes.toString(form)), form);
});

test('secrets are listed a page at a time, by name', async () => {
  const scene = await WorkerScene.set();
  for (const name of ['b', 'd', 'a', 'c'])
    await scene.ask('secret.write', { group: 'default', name, kind: 'opaque', value });
  const names: string[] = [];
  let after: string | undefined;
  do {
    const page = await scene.ask('secret.list', { group: 'default', limit: 3, ...(after ? { after } : {}) });
    names.push(...page.secrets.map(({ name }) => name));
    after = page.next;
  } while (after !== undefined);
  assert.deepEqual(names, ['a', 'b', 'c', 'd']);
  const foreign = encodeBytes(Buffer.from('other/a'));
  const answer = await scene.alice.call(scene.worker, 'secret.list', {
    group: 'default',
    limit: 3,
    after: foreign,
  });
  assert.equal(codeOf(answer), 'request-invalid');
});
