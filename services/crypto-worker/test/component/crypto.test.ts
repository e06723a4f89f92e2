import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
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
  assert.deepEqual(done(await decrypt(ciphertext, { associatedData: context })), { version, plaintext });
  assert.equal(codeOf(await decrypt(ciphertext)), 'ciphertext-invalid');
  assert.equal(codeOf(await decrypt(ciphertext, { associatedData: '' })), 'ciphertext-invalid');
});

test('after a rotation old data decrypts, and new data is under the new version', async () => {
  const { scene, encrypt, decrypt } = await dataKey();
  const old = await encrypt();
  const { versions } = await scene.ask('key.rotate', { group: 'default', name: 'data' });
  assert.deepEqual(
    versions.map(({ state }) => state),
    ['deactivated', 'active'],
  );
  assert.equal((await encrypt()).version, 2);
  assert.deepEqual(done(await decrypt(old.ciphertext)), { version: 1, plaintext });
});

test('a key of the same content is another key', async () => {
  const { scene, encrypt, decrypt } = await dataKey();
  await scene.ask('key.create', { group: 'default', name: 'second', purpose: 'data' });
  const { ciphertext } = await encrypt();
  assert.equal(codeOf(await decrypt(ciphertext, { key: 'second' })), 'ciphertext-invalid');
});

test('ciphertexts that are too short, of another format or another version are refused alike', async () => {
  const { encrypt, decrypt } = await dataKey();
  const bytes = decodeBytes((await encrypt()).ciphertext);
  const changed = (at: number, octet: number) => {
    const copy = Uint8Array.from(bytes);
    copy[at] = octet;
    return copy;
  };
  for (const bad of [
    bytes.subarray(0, 5),
    bytes.subarray(0, 6),
    changed(0, 2),
    changed(4, 9),
    changed(30, 0),
  ])
    assert.equal(codeOf(await decrypt(encodeBytes(bad))), 'ciphertext-invalid');
  assert.equal(codeOf(await decrypt('AB')), 'request-invalid', 'spare bits are set');
});

test('a suspended key answers so, whatever it is shown', async () => {
  const { scene, decrypt } = await dataKey();
  await scene.ask('key.suspend', { group: 'default', name: 'data' });
  assert.equal(codeOf(await decrypt('AA')), 'key-state-refused');
});
