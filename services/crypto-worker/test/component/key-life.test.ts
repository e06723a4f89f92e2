import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperationRequest } from '@strongroom/contracts';
import { codeOf, done, WorkerScene } from '../../testing/worker-scene.ts';

const place = { group: 'default', name: 'k' };

async function keyScene(params: Partial<OperationRequest<'key.create'>> = {}) {
  const scene = await WorkerScene.set();
  const created = await scene.ask('key.create', { ...place, purpose: 'data', ...params });
  const user = await scene.machine('user', 'crypto-user');
  const code = async (
    name: 'key.suspend' | 'key.activate' | 'key.deactivate' | 'key.cancel-destruction',
    version?: number,
  ) => codeOf(await scene.alice.call(scene.worker, name, { ...place, ...(version ? { version } : {}) }));
  return {
    scene,
    created,
    code,
    ask: scene.ask.bind(scene),
    encrypt: (associatedData?: string) =>
      user.call(scene.worker, 'crypto.encrypt', {
        ...{ group: place.group, key: place.name, plaintext: 'YQ' },
        ...(associatedData === undefined ? {} : { associatedData }),
      }),
    decrypt: (ciphertext: string) =>
      user.call(scene.worker, 'crypto.decrypt', { group: place.group, key: place.name, ciphertext }),
  };
}

test('a pre-active key is not used before it is activated', async () => {
  const { created, encrypt, ask } = await keyScene({ preActive: true });
  assert.equal(created.state, 'pre-active');
  assert.equal(codeOf(await encrypt()), 'key-pre-active');
  await ask('key.activate', place);
  assert.equal(codeOf(await encrypt()), 'done');
});

test('a deactivated key opens and makes nothing, a compromised one opens, a suspended one does nothing', async () => {
  const { ask, encrypt, decrypt, code } = await keyScene();
  const { ciphertext } = done<'crypto.encrypt'>(await encrypt());
  await ask('key.suspend', place);
  assert.deepEqual(
    [codeOf(await encrypt()), codeOf(await decrypt(ciphertext))],
    ['key-suspended', 'key-suspended'],
  );
  await ask('key.deactivate', place);
  assert.deepEqual([codeOf(await encrypt()), codeOf(await decrypt(ciphertext))], ['key-deactivated', 'done']);
  assert.equal(await code('key.activate'), 'key-deactivated');
  await ask('key.mark-compromised', place);
  assert.deepEqual([codeOf(await encrypt()), codeOf(await decrypt(ciphertext))], ['key-compromised', 'done']);
});

test('one version is suspended while the others go on', async () => {
  const { ask, encrypt, decrypt } = await keyScene();
  const old = done<'crypto.encrypt'>(await encrypt());
  await ask('key.rotate', place);
  await ask('key.mark-compromised', { ...place, version: 2 });
  assert.equal(codeOf(await encrypt()), 'key-compromised');
  assert.equal(codeOf(await decrypt(old.ciphertext)), 'done');
  await ask('key.rotate', place);
  assert.equal(done<'crypto.encrypt'>(await encrypt()).version, 3);
  const { versions } = await ask('key.list-versions', { ...place, limit: 2 });
  assert.deepEqual(
    versions.map(({ state }) => state),
    ['deactivated', 'compromised'],
  );
  const rest = await ask('key.list-versions', { ...place, limit: 2, above: 2 });
  assert.deepEqual([rest.versions.map(({ version }) => version), rest.next], [[3], undefined]);
});

test('destruction is scheduled from no active key, stops all use, and is taken back', async () => {
  const { ask, scene, encrypt, decrypt, code } = await keyScene();
  const { ciphertext } = done<'crypto.encrypt'>(await encrypt());
  const schedule = (afterDays = 7) =>
    scene.alice.call(scene.worker, 'key.schedule-destruction', { ...place, afterDays });
  assert.equal(codeOf(await schedule()), 'key-active');
  assert.equal(await code('key.cancel-destruction'), 'key-active');
  await ask('key.deactivate', place);
  assert.equal(await code('key.cancel-destruction'), 'key-destruction-absent');
  for (const days of [6, 31]) assert.equal(codeOf(await schedule(days)), 'request-invalid');
  await ask('key.update', { ...place, protected: true });
  assert.equal(codeOf(await schedule()), 'key-protected');
  await ask('key.update', { ...place, protected: false });
  const { destroyAt } = done<'key.schedule-destruction'>(await schedule());
  assert.equal(Date.parse(destroyAt ?? '') - scene.deployment.clock.nowMs(), 7 * 24 * 3_600_000);
  assert.equal(codeOf(await decrypt(ciphertext)), 'key-destruction-pending');
  assert.equal(codeOf(await schedule()), 'key-destruction-pending');
  assert.equal((await ask('key.cancel-destruction', place)).destroyAt, undefined);
  assert.equal(codeOf(await decrypt(ciphertext)), 'done');
});

test('below the minimum version nothing opens, and the minimum is never above the current version', async () => {
  const { ask, scene, encrypt, decrypt } = await keyScene();
  const old = done<'crypto.encrypt'>(await encrypt());
  const raise = (minimumVersion: number) =>
    scene.alice.call(scene.worker, 'key.update', { ...place, minimumVersion });
  assert.equal(codeOf(await raise(2)), 'request-invalid');
  await ask('key.rotate', place);
  assert.equal(codeOf(await raise(2)), 'done');
  assert.equal(codeOf(await decrypt(old.ciphertext)), 'key-version-withheld');
  assert.equal(codeOf(await raise(1)), 'done');
  assert.equal(codeOf(await decrypt(old.ciphertext)), 'done');
});

test('the usage policy of a key is asked at every use, with its rate last', async () => {
  const { ask, encrypt } = await keyScene();
  await ask('key.update', { ...place, usage: { operations: ['decrypt'] } });
  assert.equal(codeOf(await encrypt()), 'key-usage-refused');
  await ask('key.update', { ...place, usage: { associatedDataPrefix: 'cGF5', ratePerMinute: 2 } });
  assert.equal(codeOf(await encrypt()), 'key-usage-refused');
  assert.equal(codeOf(await encrypt('cGF5Lzc')), 'done');
  assert.equal(codeOf(await encrypt('cGF5')), 'done');
  assert.equal(codeOf(await encrypt('cGF5')), 'rate-limited');
});

test('keys are listed by purpose, type, state and label', async () => {
  const { ask } = await keyScene({ labels: { team: 'payments' } });
  await ask('key.create', { group: 'default', name: 'kek', purpose: 'kek', labels: { team: 'core' } });
  const names = async (filter: Partial<OperationRequest<'key.list'>>) =>
    (await ask('key.list', { group: 'default', limit: 10, ...filter })).keys.map(({ name }) => name);
  assert.deepEqual(await names({}), ['k', 'kek']);
  assert.deepEqual(await names({ purpose: 'kek' }), ['kek']);
  assert.deepEqual(await names({ type: 'aes-128' }), []);
  assert.deepEqual(await names({ state: 'suspended' }), []);
  assert.deepEqual(await names({ label: { name: 'team' } }), ['k', 'kek']);
  assert.deepEqual(await names({ label: { name: 'team', text: 'core' } }), ['kek']);
  assert.deepEqual(await names({ label: { name: 'constructor' } }), []);
});

test('a KEK that a provider lists serves no other one, and its listed versions do not end', async () => {
  const { ask, scene } = await keyScene({ purpose: 'kek' });
  const plugin = await scene.machine('plugin', 'kms-provider');
  const wrap = (provider: string) =>
    plugin.call(scene.worker, 'kms.wrap', { group: 'default', key: 'k', provider, plaintext: 'YQ' });
  assert.equal(codeOf(await wrap('other')), 'done');
  await ask('key.update', { ...place, providers: ['prod'] });
  assert.deepEqual([codeOf(await wrap('prod')), codeOf(await wrap('other'))], ['done', 'key-usage-refused']);
  await ask('key.rotate', place);
  const deactivate = (version?: number) =>
    scene.alice.call(scene.worker, 'key.deactivate', { ...place, ...(version ? { version } : {}) });
  assert.deepEqual([codeOf(await deactivate()), codeOf(await deactivate(1))], ['key-in-use', 'key-in-use']);
  await ask('key.update', { ...place, minimumVersion: 2 });
  assert.equal(codeOf(await deactivate(1)), 'done');
  assert.equal(codeOf(await deactivate(2)), 'key-in-use');
});

test('what is no key is refused before the HSM is asked', async () => {
  const { scene } = await keyScene();
  const labels = await scene.deployment.hsm.listKeys('');
  const create = (params: Partial<OperationRequest<'key.create'>>) =>
    scene.alice.call(scene.worker, 'key.create', {
      group: 'default',
      name: 'new',
      purpose: 'kek',
      ...params,
    });
  assert.equal(codeOf(await create({ type: 'aes-128' })), 'key-type-refused');
  assert.equal(codeOf(await create({ protection: 'software' })), 'key-type-refused');
  assert.equal(codeOf(await create({ policy: 'nobody' })), 'request-invalid');
  assert.deepEqual(await scene.deployment.hsm.listKeys(''), labels);
});
