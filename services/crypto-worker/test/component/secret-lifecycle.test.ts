import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { newRequestId } from '@strongroom/contracts';
import { recordName } from '../../src/domain/registry/record-name.ts';
import { policy } from '../../testing/deployment.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const named = { group: 'default', name: 'database' };
const dayMs = 86_400_000;
const encoded = (text: string) => encodeBytes(Buffer.from(text));

async function written(versions = 1) {
  const scene = await WorkerScene.set();
  for (let version = 1; version <= versions; version += 1)
    await scene.ask('secret.write', { ...named, kind: 'password', value: encoded(`value ${version}`) });
  const read = async (version?: number) => {
    const params = version === undefined ? named : { ...named, version };
    return codeOf(await scene.alice.call(scene.worker, 'secret.read', params));
  };
  const code = async (name: Parameters<typeof scene.alice.call>[1], params: object) =>
    codeOf(await scene.alice.call(scene.worker, name, { ...named, ...params } as never));
  const events = () => scene.deployment.registry.events.map(({ name, version }) => `${name} ${version}`);
  return { scene, read, code, events, clock: scene.deployment.clock };
}

test('deleted, had back, destroyed: each has its own code, and a destroyed value is nowhere', async () => {
  const { scene, read, code } = await written(2);
  const deletion = await scene.ask('secret.delete', named);
  assert.deepEqual(
    deletion.versions.map(({ state }) => state),
    ['deleted', 'deleted'],
  );
  assert.equal(await read(), 'secret-deleted');
  await scene.ask('secret.undelete', { ...named, versions: [1] });
  assert.deepEqual([await read(1), await read(2)], ['done', 'secret-deleted']);
  await scene.ask('secret.destroy', { ...named, versions: [2] });
  assert.deepEqual([await read(1), await read(2), await read(3)], ['done', 'secret-destroyed', 'absent']);
  assert.equal(await code('secret.undelete', { versions: [2] }), 'secret-destroyed');
  assert.equal(await scene.deployment.registry.read('secret-version', 'default/database/2'), undefined);
  const next = await scene.ask('secret.write', {
    ...named,
    kind: 'password',
    value: encoded('3'),
    expectedVersion: 2,
  });
  assert.equal(next.version, 3, 'deletion and destruction do not set the counter back');
});

test('retention takes the oldest value with the write that is one too many', async () => {
  const { scene, read, events } = await written(2);
  await scene.ask('secret.update', { ...named, versionsMax: 2 });
  await scene.ask('secret.write', { ...named, kind: 'password', value: encoded('3') });
  assert.deepEqual([await read(1), await read(2), await read()], ['secret-destroyed', 'done', 'done']);
  assert.equal(await scene.deployment.registry.read('secret-version', 'default/database/1'), undefined);
  assert.deepEqual(events().slice(-2), ['secret.version.written 3', 'secret.version.destroyed 1']);
});

test('two writers that saw the same version: one is told so, and the value of neither is lost', async () => {
  const { scene, read } = await written();
  const write = (text: string, expectedVersion: number) =>
    scene.alice.call(scene.worker, 'secret.write', {
      ...named,
      kind: 'password',
      value: encoded(text),
      expectedVersion,
    });
  const codes = (await Promise.all([write('a', 1), write('b', 1)])).map(codeOf).sort();
  assert.deepEqual(codes, ['done', 'version-conflict']);
  assert.deepEqual([await read(2), await read(3)], ['done', 'absent']);
});

test('the same request again is the same answer, and no second version', async () => {
  const { scene, clock } = await written();
  const requestId = newRequestId(clock.nowMs());
  const params = { ...named, kind: 'password', value: encoded('again') } as const;
  const first = await scene.alice.call(scene.worker, 'secret.write', params, { requestId });
  const second = await scene.alice.call(scene.worker, 'secret.write', params, { requestId });
  assert.deepEqual([codeOf(first), codeOf(second)], ['done', 'done']);
  assert.equal((await scene.ask('secret.describe', named)).currentVersion, 2);
});

test('settings come before the first value, and a secret can demand to know what a writer saw', async () => {
  const { scene, code } = await written();
  const other = { group: 'default', name: 'other' };
  const metadata = { owner: 'Ä team', note: 'x'.repeat(512) };
  const made = await scene.ask('secret.update', {
    ...other,
    kind: 'json',
    labels: { app: 'billing' },
    metadata,
    requiresExpectedVersion: true,
  });
  assert.deepEqual([made.currentVersion, made.labels, made.metadata], [0, { app: 'billing' }, metadata]);
  assert.equal(codeOf(await scene.alice.call(scene.worker, 'secret.read', other)), 'absent');
  const write = { ...other, kind: 'json', value: encoded('{}') } as const;
  assert.equal(codeOf(await scene.alice.call(scene.worker, 'secret.write', write)), 'version-conflict');
  await scene.ask('secret.write', { ...write, expectedVersion: 0 });
  assert.equal(await code('secret.update', { name: 'missing', labels: {} }), 'absent');
  assert.equal(await code('secret.update', { kind: 'pin' }), 'already-exists');
  assert.equal(await code('secret.update', { policy: 'no-such-policy' }), 'request-invalid');
  assert.equal(await code('secret.update', { expiresAt: '2020-01-01T00:00:00.000Z' }), 'request-invalid');
  const { secrets } = await scene.ask('secret.list', { group: 'default', prefix: 'oth', limit: 10 });
  assert.deepEqual(
    secrets.map(({ name, labels, state }) => [name, labels, state]),
    [['other', { app: 'billing' }, 'live']],
  );
});

test('a value that is not of its kind is refused with the reason, and what was asked is not in the log', async () => {
  const { scene } = await written();
  const write = async (params: object) => {
    const answer = await scene.alice.call(scene.worker, 'secret.write', {
      group: 'default',
      name: 'bad',
      ...params,
    } as never);
    return answer.status === 'refused' ? `${answer.error.code}: ${answer.error.detail}` : answer.status;
  };
  assert.equal(await write({ kind: 'pin', value: encoded('12x4') }), 'value-invalid: a PIN has digits only');
  const large = encodeBytes(new Uint8Array(65_537));
  assert.equal(await write({ kind: 'text', value: large }), 'message-too-large: kind text');
  assert.equal(await write({ kind: 'opaque', value: large }), 'done');
});

test('the largest value goes through the sealed path and back, alone; two of them do not share a reply', async () => {
  const { scene } = await written();
  const bytes = Buffer.alloc(1_048_576, 'strongroom');
  const value = encodeBytes(bytes);
  for (const name of ['large-1', 'large-2'])
    await scene.ask('secret.write', { group: 'default', name, kind: 'opaque', value });
  const large = { group: 'default', name: 'large-1' };
  assert.ok(Buffer.from((await scene.ask('secret.read', large)).value, 'base64url').equals(bytes));
  const other = { group: 'default', name: 'large-2' };
  const many = await scene.ask('secret.read-many', { secrets: [large, other, named] });
  assert.deepEqual(
    many.secrets.map((item) => (item.status === 'done' ? 'done' : item.code)),
    ['done', 'message-too-large', 'message-too-large'],
  );
  assert.deepEqual(
    scene.deployment.auditLog.entries.at(-1)?.objects.map(({ name, code }) => code ?? name),
    ['large-1', 'message-too-large', 'message-too-large'],
  );
  const fewer = await scene.ask('secret.read-many', { secrets: [named, other] });
  assert.deepEqual(
    fewer.secrets.map((item) => (item.status === 'done' ? 'done' : item.code)),
    ['done', 'message-too-large'],
    'what comes first has its place',
  );
  const over = encodeBytes(Buffer.alloc(1_048_577));
  const answer = await scene.alice.call(scene.worker, 'secret.write', {
    ...large,
    kind: 'opaque',
    value: over,
  });
  assert.equal(codeOf(answer), 'request-invalid');
});

test('what a policy guards waits for its quorum: destruction and settings; writing does not', async () => {
  const { scene, read, code } = await written();
  await scene.ask('secret.update', { ...named, policy });
  assert.equal(await code('secret.destroy', { versions: [1] }), 'pending');
  assert.equal(await code('secret.update', { clear: ['policy'] }), 'pending');
  assert.equal(await read(1), 'done');
  await scene.ask('secret.write', { ...named, kind: 'password', value: encoded('2') });
  await scene.ask('secret.delete', named);
  assert.equal(await read(), 'secret-deleted');
  await scene.ask('secret.undelete', named);
  assert.equal(await read(), 'done');
});

test('time does its work by operations of the platform, with intent, entry and events', async () => {
  const { scene, read, events, clock } = await written();
  const at = (days: number) => new Date(clock.nowMs() + days * dayMs).toISOString();
  await scene.ask('secret.update', { ...named, expiresAt: at(20) });
  const { sweepSecrets, keyring } = scene.worker.worker;
  const advance = async (days: number) => {
    clock.advance(days * dayMs);
    await keyring.refresh();
  };
  await sweepSecrets();
  assert.equal(events().at(-1), 'secret.expiry.announced 1');
  assert.equal(scene.deployment.registry.events.at(-1)?.days, 30);
  const count = scene.deployment.registry.events.length;
  await sweepSecrets();
  assert.equal(scene.deployment.registry.events.length, count, 'once');
  await advance(21);
  assert.equal(await read(), 'secret-expired');
  await sweepSecrets();
  assert.equal(events().at(-1), 'secret.version.expired 1');
  await advance(-20);
  assert.equal(await read(), 'secret-expired', 'a clock that is set back revives nothing');
  await scene.ask('secret.delete', named);
  await advance(31);
  await sweepSecrets();
  assert.equal(events().at(-1), 'secret.version.destroyed 1');
  assert.equal(await scene.deployment.registry.read('secret-version', 'default/database/1'), undefined);
  const swept = scene.deployment.auditLog.entries.filter(
    ({ operation }) => operation === 'platform.secret.sweep',
  );
  assert.deepEqual(
    swept.map(({ phase, outcome }) => `${phase} ${outcome}`),
    ['intent intended', 'outcome done', 'intent intended', 'outcome done', 'intent intended', 'outcome done'],
  );
  assert.deepEqual(await scene.deployment.registry.listIntents(), []);
});

test('a secret that was tampered with does not hold up the dates of the others, and is counted once a walk', async () => {
  const { scene, clock } = await written();
  const { registry } = scene.deployment;
  const expiresAt = new Date(clock.nowMs() + 20 * dayMs).toISOString();
  for (const name of ['a', 'z']) {
    await scene.ask('secret.write', { group: 'default', name, kind: 'text', value: encoded(name) });
    await scene.ask('secret.update', { group: 'default', name, expiresAt });
  }
  registry.tampered.add(recordName('secret', 'default/a'));
  registry.tampered.add(recordName('secret', 'default/database'));
  await scene.worker.worker.sweepSecrets();
  const announced = registry.events.filter(({ name }) => name === 'secret.expiry.announced');
  assert.deepEqual(
    announced.map(({ object }) => object),
    ['secret/default/z'],
  );
  const told = scene.worker.reports.filter(({ event }) => event === 'secrets-skipped');
  assert.deepEqual(
    told.map(({ fields }) => fields),
    [{ object: 'secret/default/a', count: 2 }],
  );
});

test('describing, reading, writing, deleting, destroying and generating are privileges of their own', async () => {
  const { scene } = await written();
  const allowed = {
    'secret-reader': ['secret.describe', 'secret.read'],
    'secret-writer': ['secret.describe', 'secret.list', 'secret.write'],
    'secret-generator': ['secret.describe', 'secret.generate'],
    'secret-manager': ['secret.delete', 'secret.describe', 'secret.list', 'secret.undelete', 'secret.update'],
  };
  const asked = {
    'secret.describe': named,
    'secret.read': named,
    'secret.list': { group: 'default', limit: 1 },
    'secret.write': { ...named, kind: 'password', value: encoded('x') },
    'secret.generate': { ...named, kind: 'password', recipe: { recipe: 'token', bytes: 16 } },
    'secret.update': { ...named, labels: {} },
    'secret.undelete': named,
    'secret.destroy': { ...named, versions: [1] },
    'secret.delete': named,
  } as const;
  for (const [role, privileges] of Object.entries(allowed)) {
    const caller = await scene.machine(role, role, 'default');
    const denied: string[] = [];
    for (const [name, params] of Object.entries(asked)) {
      await scene.ask('secret.undelete', named);
      const answer = await caller.call(scene.worker, name as keyof typeof asked, params as never);
      if (codeOf(answer) === 'denied') denied.push(name);
    }
    const names = Object.keys(asked);
    assert.deepEqual(denied.sort(), names.filter((name) => !privileges.includes(name)).sort(), role);
  }
});
