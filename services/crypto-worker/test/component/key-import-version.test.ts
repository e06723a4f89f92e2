/** A new version of a key whose material was made elsewhere. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import type { OperationRequest } from '@strongroom/contracts';
import { identityFingerprint, verifyImportKey, wrapForImport } from '@strongroom/sealed';
import { policy } from '../../testing/deployment.ts';
import { codeOf, done, WorkerScene } from '../../testing/worker-scene.ts';

const group = 'default';

async function importScene() {
  const scene = await WorkerScene.set();
  const { identity: point, ensureImportKey } = scene.worker.worker;
  await ensureImportKey();
  const wrap = async (material: Uint8Array) => {
    const shown = { identity: encodeBytes(point), signed: (await scene.ask('key.import-key', {})).importKey };
    return encodeBytes(wrapForImport(verifyImportKey(identityFingerprint(point), shown), material));
  };
  const bring = async (params: Omit<OperationRequest<'key.import-version'>, 'group'>) =>
    codeOf(await scene.alice.call(scene.worker, 'key.import-version', { group, ...params }));
  return { scene, ask: scene.ask.bind(scene), wrap, bring };
}

test('what comes in is the current version from then on, and says where it is from; the older one still opens', async () => {
  const { scene, ask, wrap } = await importScene();
  const user = await scene.machine('user', 'crypto-user');
  const place = { group, key: 'k' };
  await ask('key.create', { group, name: 'k', purpose: 'data' });
  const encrypt = async (plaintext: string) =>
    done<'crypto.encrypt'>(await user.call(scene.worker, 'crypto.encrypt', { ...place, plaintext }));
  const before = await encrypt('YQ');
  const key = await ask('key.import-version', { group, name: 'k', wrapped: await wrap(randomBytes(32)) });
  assert.equal(key.currentVersion, 2);
  const after = await encrypt('Yg');
  assert.deepEqual([before.version, after.version], [1, 2]);
  for (const [{ ciphertext }, plaintext] of [
    [before, 'YQ'],
    [after, 'Yg'],
  ] as const) {
    const opened = await user.call(scene.worker, 'crypto.decrypt', { ...place, ciphertext });
    assert.equal(done<'crypto.decrypt'>(opened).plaintext, plaintext);
  }
  const { versions } = await ask('key.list-versions', { group, name: 'k', limit: 9 });
  assert.deepEqual(
    versions.map(({ version, state, origin }) => [version, state, origin]),
    [
      [1, 'deactivated', 'generated'],
      [2, 'active', 'imported'],
    ],
  );
});

test('a pair brings its public half, and signs with what came in', async () => {
  const { ask, wrap } = await importScene();
  await ask('key.create', { group, name: 'k', purpose: 'signing', type: 'ec-p256' });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const wrapped = await wrap(privateKey.export({ format: 'der', type: 'pkcs8' }));
  const spki = encodeBytes(publicKey.export({ format: 'der', type: 'spki' }));
  await ask('key.import-version', { group, name: 'k', wrapped, publicKey: spki });
  const { pem, version } = await ask('key.public-key', { group, name: 'k' });
  assert.equal(version, 2);
  assert.ok(createPublicKey(pem).equals(publicKey));
});

test('no version comes into a KEK, a software key, an exportable one, one in no state for it, or of another type; nothing is left', async () => {
  const { scene, ask, wrap, bring } = await importScene();
  await ask('key.create', { group, name: 'kek', purpose: 'kek' });
  await ask('key.create', { group, name: 'soft', purpose: 'data', protection: 'software' });
  await ask('key.create', { group, name: 'stopped', purpose: 'data' });
  await ask('key.suspend', { group, name: 'stopped' });
  await ask('key.create', { group, name: 'short', purpose: 'data', type: 'aes-128' });
  await ask('key.create', { group, name: 'leaves', purpose: 'mac', type: 'hmac-sha256' });
  const { hsm, registry } = scene.deployment;
  const record = await registry.read('key', `${group}/leaves`);
  assert.ok(record !== undefined);
  const { kind, id, version, value } = record;
  const outcome = { actor: 'a', requestId: 'r', requestHash: '', reply: new Uint8Array() };
  const exportable = { kind, id, expectedVersion: version, value: { ...value, exportable: true } };
  await registry.commit([exportable], outcome, []);
  const labels = await hsm.listKeys('');
  const wrapped = await wrap(randomBytes(32));
  assert.equal(await bring({ name: 'kek', wrapped }), 'key-type-refused');
  assert.equal(await bring({ name: 'soft', wrapped }), 'key-type-refused');
  assert.equal(await bring({ name: 'leaves', wrapped }), 'key-type-refused');
  assert.equal(await bring({ name: 'stopped', wrapped }), 'key-suspended');
  assert.equal(await bring({ name: 'short', wrapped }), 'ciphertext-invalid');
  assert.equal(await bring({ name: 'nowhere', wrapped }), 'absent');
  assert.deepEqual(await hsm.listKeys(''), labels);
  for (const name of ['kek', 'soft', 'leaves', 'stopped', 'short'])
    assert.equal((await ask('key.describe', { group, name })).currentVersion, 1);
});

test('a guarded key takes no version without its quorum', async () => {
  const { ask, wrap, bring } = await importScene();
  await ask('key.create', { group, name: 'k', purpose: 'data', policy });
  assert.equal(await bring({ name: 'k', wrapped: await wrap(randomBytes(32)) }), 'pending');
  assert.equal((await ask('key.describe', { group, name: 'k' })).currentVersion, 1);
});
