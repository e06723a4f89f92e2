import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import { codeOf, done, WorkerScene } from '../../testing/worker-scene.ts';

const kek = { group: 'default', key: 'kek', provider: 'cluster-1' };
const seed = encodeBytes(new Uint8Array(32).fill(7));

async function provider() {
  const scene = await WorkerScene.set();
  await scene.ask('key.create', { group: 'default', name: 'kek', purpose: 'kek' });
  const plugin = await scene.machine('plugin', 'kms-provider');
  const { worker } = scene;
  return {
    ...scene,
    ask: scene.ask.bind(scene),
    worker,
    plugin,
    describe: async () => done<'kms.describe'>(await plugin.call(worker, 'kms.describe', kek)),
    wrap: async (keyId?: string) =>
      done<'kms.wrap'>(
        await plugin.call(worker, 'kms.wrap', { ...kek, plaintext: seed, ...(keyId ? { keyId } : {}) }),
      ),
    unwrap: (keyId: string, ciphertext: string, change = {}) =>
      plugin.call(worker, 'kms.unwrap', { ...kek, keyId, ciphertext, ...change }),
  };
}

test('a wrapped seed unwraps, and its id is the one that was told before', async () => {
  const { describe, wrap, unwrap } = await provider();
  const { keyId, ciphertext, version } = await wrap();
  assert.deepEqual(await describe(), { keyId, version });
  assert.deepEqual(done(await unwrap(keyId, ciphertext)), { plaintext: seed });
});

test('after a rotation old seeds unwrap, new ones name version 2, and the id changes once', async () => {
  const { ask, describe, wrap, unwrap } = await provider();
  const before = await wrap();
  await ask('key.rotate', { group: 'default', name: 'kek' });
  const after = await wrap();
  assert.deepEqual([before.version, after.version], [1, 2]);
  assert.notEqual(before.keyId, after.keyId);
  assert.equal((await describe()).keyId, after.keyId);
  assert.deepEqual(done(await unwrap(before.keyId, before.ciphertext)), { plaintext: seed });
});

test('a provider that knows the older version still wraps under it', async () => {
  const { ask, wrap } = await provider();
  const { keyId } = await wrap();
  await ask('key.rotate', { group: 'default', name: 'kek' });
  const again = await wrap(keyId);
  assert.deepEqual([again.keyId, again.version], [keyId, 1]);
});

test('a seed opens in its own place and nowhere else', async () => {
  const { ask, wrap, unwrap, plugin, worker } = await provider();
  const { keyId, ciphertext } = await wrap();
  await ask('key.create', { group: 'default', name: 'other', purpose: 'kek' });
  assert.equal(codeOf(await unwrap(keyId, ciphertext, { key: 'other' })), 'ciphertext-invalid');
  assert.equal(codeOf(await unwrap(keyId, ciphertext, { provider: 'cluster-2' })), 'ciphertext-invalid');
  const { keyId: elsewhere } = done<'kms.describe'>(
    await plugin.call(worker, 'kms.describe', { ...kek, provider: 'cluster-2' }),
  );
  assert.equal(codeOf(await unwrap(elsewhere, ciphertext, { provider: 'cluster-2' })), 'ciphertext-invalid');
});

test('a ciphertext that was changed anywhere does not open', async () => {
  const { wrap, unwrap } = await provider();
  const { keyId, ciphertext } = await wrap();
  const bytes = decodeBytes(ciphertext);
  for (const at of [0, 3, 4, 20, bytes.length - 1]) {
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.equal(codeOf(await unwrap(keyId, encodeBytes(changed))), 'ciphertext-invalid', `octet ${at}`);
  }
  for (const short of [bytes.subarray(0, 1), bytes.subarray(0, 4), bytes.subarray(0, 20)])
    assert.equal(codeOf(await unwrap(keyId, encodeBytes(short))), 'ciphertext-invalid');
});

test('an id that stands for no version is refused: for wrapping as a conflict, for unwrapping as no ciphertext', async () => {
  const { wrap, unwrap, plugin, worker } = await provider();
  const { ciphertext } = await wrap();
  const stranger = encodeBytes(new Uint8Array(32));
  assert.equal(codeOf(await unwrap(stranger, ciphertext)), 'ciphertext-invalid');
  const wrapping = await plugin.call(worker, 'kms.wrap', { ...kek, keyId: stranger, plaintext: seed });
  assert.equal(codeOf(wrapping), 'version-conflict');
});

test('a suspended KEK does nothing until it is resumed', async () => {
  const { ask, wrap, unwrap, plugin, worker } = await provider();
  const { keyId, ciphertext } = await wrap();
  await ask('key.suspend', { group: 'default', name: 'kek' });
  assert.equal(codeOf(await unwrap(keyId, ciphertext)), 'key-suspended');
  assert.equal(codeOf(await plugin.call(worker, 'kms.describe', kek)), 'key-suspended');
  await ask('key.resume', { group: 'default', name: 'kek' });
  assert.equal(codeOf(await unwrap(keyId, ciphertext)), 'done');
});

test('a data key is no KEK, and people do not use keys', async () => {
  const { ask, plugin, alice, worker } = await provider();
  await ask('key.create', { group: 'default', name: 'data', purpose: 'data' });
  const wrong = { ...kek, key: 'data' };
  assert.equal(codeOf(await plugin.call(worker, 'kms.describe', wrong)), 'key-purpose-refused');
  assert.equal(codeOf(await alice.call(worker, 'kms.describe', kek)), 'denied');
});

test('without the HSM it says so, and nothing is made (I1)', async () => {
  const { deployment, wrap, unwrap, ask } = await provider();
  const { keyId, ciphertext } = await wrap();
  const before = await deployment.hsm.listKeys('');
  deployment.hsm.setAvailable(false);
  assert.equal(codeOf(await unwrap(keyId, ciphertext)), 'hsm-unavailable');
  deployment.hsm.setAvailable(true);
  assert.deepEqual(await deployment.hsm.listKeys(''), before);
  assert.equal(codeOf(await unwrap(keyId, ciphertext)), 'done');
  await ask('key.describe', { group: 'default', name: 'kek' });
});
