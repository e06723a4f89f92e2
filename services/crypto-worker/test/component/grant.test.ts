import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyHolder } from '../../testing/key-holder.ts';
import { TestCaller } from '../../testing/test-caller.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const tenant = { kind: 'tenant' } as const;
const inDefault = { kind: 'group', group: 'default' } as const;

/** Somebody who may bind and make roles, and holds little else. */
async function deputy() {
  const scene = await WorkerScene.set();
  const holder = new KeyHolder('user:deputy');
  const { principal, publicKey } = holder;
  await scene.ask('principal.enrol', { principal, credential: { kind: 'key', publicKey } });
  const privileges = ['binding.create', 'binding.delete', 'role.create', 'key.describe'];
  await scene.ask('role.create', { name: 'deputy', summary: 'A little of everything.', privileges });
  await scene.bind('deputy', principal, 'deputy');
  await scene.bind('deputy-auditor', principal, 'auditor', 'default');
  return { scene, worker: scene.worker, deputy: new TestCaller(holder), principal };
}

test('nobody grants more than they hold, nor in a wider scope', async () => {
  const { worker, deputy: caller } = await deputy();
  const bind = async (
    role: string,
    scope: typeof tenant | typeof inDefault,
    effect: 'allow' | 'deny' = 'allow',
  ) =>
    codeOf(
      await caller.call(worker, 'binding.create', {
        name: `to-${role}-${scope.kind}`,
        principal: 'user:bob',
        role,
        scope,
        effect,
      }),
    );
  assert.equal(await bind('operator', tenant), 'privilege-exceeded');
  assert.equal(await bind('auditor', tenant), 'privilege-exceeded');
  assert.equal(await bind('secret-reader', inDefault, 'deny'), 'privilege-exceeded');
  assert.equal(await bind('auditor', inDefault), 'done');
  assert.equal(await bind('deputy', tenant), 'done');
  assert.equal(await bind('nothing', tenant), 'absent');
});

test('nobody makes a role of what they do not hold, of what there is not, or under a taken name', async () => {
  const { worker, deputy: caller } = await deputy();
  const make = async (name: string, privileges: string[]) =>
    codeOf(await caller.call(worker, 'role.create', { name, summary: '', privileges }));
  assert.equal(await make('strong', ['key.rotate']), 'privilege-exceeded');
  assert.equal(await make('strange', ['key.conjure']), 'request-invalid');
  assert.equal(await make('operator', ['key.describe']), 'already-exists');
  assert.equal(await make('deputy', ['key.describe']), 'already-exists');
  assert.equal(await make('weak', ['key.describe', 'key.describe']), 'done');
});

test('nobody takes a binding away that they could not give', async () => {
  const { worker, deputy: caller } = await deputy();
  const remove = async (name: string) => codeOf(await caller.call(worker, 'binding.delete', { name }));
  assert.equal(await remove('root-operator-1'), 'privilege-exceeded');
  assert.equal(await remove('nothing'), 'absent');
  assert.equal(await remove('deputy'), 'done');
  assert.equal(await remove('deputy-auditor'), 'denied', 'that was the binding that allowed it');
});

test('a deny wins, until it is taken away', async () => {
  const scene = await WorkerScene.set();
  await scene.ask('key.create', { group: 'default', name: 'kek', purpose: 'kek' });
  const app = await scene.machine('reader', 'auditor');
  const describe = async () =>
    codeOf(await app.call(scene.worker, 'key.describe', { group: 'default', name: 'kek' }));
  assert.equal(await describe(), 'done');
  const no = {
    name: 'no',
    principal: 'app:reader',
    role: 'auditor',
    scope: inDefault,
    effect: 'deny',
  } as const;
  await scene.ask('binding.create', no);
  assert.equal(await describe(), 'denied');
  await scene.ask('binding.delete', { name: 'no' });
  assert.equal(await describe(), 'done');
});

test('a denial does not tell whether the object exists', async () => {
  const scene = await WorkerScene.set();
  await scene.ask('secret.write', { group: 'default', name: 'there', kind: 'opaque', value: 'AA' });
  const app = await scene.machine('kms', 'kms-provider');
  const read = (name: string) => app.call(scene.worker, 'secret.read', { group: 'default', name });
  const [there, gone] = [await read('there'), await read('gone')];
  assert.equal(codeOf(there), 'denied');
  assert.deepEqual({ ...there, requestId: '', entry: 0 }, { ...gone, requestId: '', entry: 0 });
});

test('bindings and principals are listed with what they are', async () => {
  const scene = await WorkerScene.set();
  await scene.machine('reader', 'auditor');
  const own = await scene.ask('binding.list', { principal: 'app:reader', limit: 10 });
  assert.deepEqual(
    own.bindings.map(({ name }) => name),
    ['reader-auditor'],
  );
  const names: string[] = [];
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const page = await scene.ask('binding.list', { limit: 2, ...(after ? { after } : {}) });
    names.push(...page.bindings.map(({ name }) => name));
    after = page.next;
  }
  assert.deepEqual(names, [
    'reader-auditor',
    'root-approver-1',
    'root-approver-2',
    'root-approver-3',
    'root-operator-1',
  ]);
  const { principals } = await scene.ask('principal.list', { limit: 10 });
  assert.deepEqual(
    principals.map(({ principal }) => principal),
    ['app:reader', 'user:alice', 'user:bob', 'user:carol', 'user:dave'],
  );
  const { roles } = await scene.ask('role.list', {});
  assert.ok(roles.some(({ name }) => name === 'operator'));
  const status = await scene.ask('system.status', {});
  assert.deepEqual(status.governance, { version: 1, approvers: 3, policies: ['two-of-three'] });
  assert.equal(status.unknownOutcomes, 0);
});

test('a role that is disabled allows nothing at the next message, and still denies', async () => {
  const scene = await WorkerScene.set();
  const { worker } = scene;
  for (const name of ['reads-keys', 'no-keys'])
    await scene.ask('role.create', { name, summary: '', privileges: ['key.list'] });
  const reader = await scene.machine('reader', 'reads-keys');
  const both = await scene.machine('both', 'auditor');
  const scope = { kind: 'tenant' } as const;
  await scene.ask('binding.create', {
    name: 'both-denied',
    principal: 'app:both',
    role: 'no-keys',
    scope,
    effect: 'deny',
  });
  const list = { group: 'default', limit: 1 };
  assert.equal(codeOf(await reader.call(worker, 'key.list', list, { openSession: true })), 'done');
  assert.equal(codeOf(await both.call(worker, 'key.list', list)), 'denied');
  for (const name of ['reads-keys', 'no-keys'])
    assert.equal((await scene.ask('role.disable', { name })).state, 'disabled');
  assert.equal((await scene.ask('role.disable', { name: 'no-keys' })).state, 'disabled', 'twice is once');
  assert.equal(codeOf(await reader.inSession(worker, 'key.list', list)), 'denied');
  assert.equal(codeOf(await both.call(worker, 'key.list', list)), 'denied', 'taking it away gave nothing');
  const { roles } = await scene.ask('role.list', {});
  assert.equal(roles.find(({ name }) => name === 'no-keys')?.state, 'disabled');
});

test('a disabled role gives its holder nothing to pass on, and its name is taken for ever', async () => {
  const scene = await WorkerScene.set();
  const { worker } = scene;
  const privileges = ['binding.create', 'secret.read', 'secret.describe'];
  await scene.ask('role.create', { name: 'gives', summary: '', privileges });
  const giver = await scene.machine('giver', 'gives');
  await scene.ask('role.disable', { name: 'gives' });
  const scope = { kind: 'tenant' } as const;
  const binding = {
    name: 'given',
    principal: 'app:giver',
    role: 'secret-reader',
    scope,
    effect: 'allow',
  } as const;
  assert.equal(codeOf(await giver.call(worker, 'binding.create', binding)), 'denied');
  const again = await scene.alice.call(worker, 'role.create', { name: 'gives', summary: '', privileges });
  assert.equal(codeOf(again), 'already-exists');
  const builtIn = await scene.alice.call(worker, 'role.disable', { name: 'operator' });
  assert.equal(codeOf(builtIn), 'request-invalid');
});
