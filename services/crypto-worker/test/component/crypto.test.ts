import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { codeOf, done, WorkerScene } from '../../testing/worker-scene.ts';

const place = { group: 'default', key: 'data' };
const plaintext = encodeBytes(Buffer.from('a card number'));
const context = encodeBytes(Buffer.from('order 12'));

async function dataKey() {
  const scene = await WorkerScene.set();
  await scene.ask('key.create', { group: 'default', name: 'data', purpose: 'data' });
  const app = await scene.machine('shop', 'crypto-user');
  return {
    scene,
    encrypt: async (change = {}) =>
      done<'crypto.encrypt'>(
        await app.call(scene.worker, 'crypto.encrypt', { ...place, plaintext, ...change }),
      ),
    decrypt: (ciphertext: string, change = {}) =>
      app.call(scene.worker, 'crypto.decrypt', { ...place, ciphertext, ...change }),
  };
}

test('what was encrypted decrypts, with the same context only', async () => {
  const { encrypt, decrypt } = await dataKey();
  const { ciphertext, version } = await encrypt({ associatedData: context });
  assert.deepEqual(done(await decrypt(ciphertext, { associatedData: context })), {
    version,
    plaintext,
    protection: 'hsm',
  });
  assert.equal(codeOf(await decrypt(ciphertext)), 'ciphertext-invalid');
  assert.equal(codeOf(await decrypt(ciphertext, { associatedData: '' })), 'ciphertext-invalid');
});

test('after a rotation old data decrypts, and new data is under the new version', async () => {
  const { scene, encrypt, decrypt } = await dataKey();
  const old = await encrypt();
  await scene.ask('key.rotate', { group: 'default', name: 'data' });
  const { versions } = await scene.ask('key.list-versions', { group: 'default', name: 'data', limit: 9 });
  assert.deepEqual(
    versions.map(({ state }) => state),
    ['deactivated', 'active'],
  );
  assert.equal((await encrypt()).version, 2);
  assert.deepEqual(done(await decrypt(old.ciphertext)), { version: 1, plaintext, protection: 'hsm' });
});

test('a ciphertext of another key is told from a damaged one', async () => {
  const { scene, encrypt, decrypt } = await dataKey();
  await scene.ask('key.create', { group: 'default', name: 'second', purpose: 'data' });
  const { ciphertext } = await encrypt();
  assert.equal(codeOf(await decrypt(ciphertext, { key: 'second' })), 'ciphertext-foreign');
  const { id } = await scene.ask('key.describe', { group: 'default', name: 'second' });
  const renamed = ciphertext.replace(/^sr1\.[^.]+/, `sr1.${id}`);
  assert.equal(codeOf(await decrypt(renamed, { key: 'second' })), 'ciphertext-invalid');
});

test('a ciphertext says its key and version, and any change of it is refused', async () => {
  const { scene, encrypt, decrypt } = await dataKey();
  const { ciphertext } = await encrypt();
  const { id } = await scene.ask('key.describe', { group: 'default', name: 'data' });
  assert.match(ciphertext, new RegExp(`^sr1\\.${id}\\.1\\.gcm\\.[A-Za-z0-9_-]+$`));
  const payload = ciphertext.slice(ciphertext.lastIndexOf('.') + 1);
  for (const bad of [
    '',
    payload,
    ciphertext.slice(0, -1),
    ciphertext.slice(0, -4),
    `${ciphertext}AAAA`,
    ciphertext.replace('.1.', '.9.'),
    ciphertext.replace('.gcm.', '.kwp.'),
    ciphertext.replace(/.{4}$/, 'AAAA'),
    `sr1.${id}.1.gcm.AAAA`,
  ])
    assert.equal(codeOf(await decrypt(bad)), 'ciphertext-invalid', bad);
});

test('a suspended key answers so, whatever it is shown', async () => {
  const { scene, decrypt } = await dataKey();
  await scene.ask('key.suspend', { group: 'default', name: 'data' });
  assert.equal(codeOf(await decrypt('AA')), 'key-suspended');
});
