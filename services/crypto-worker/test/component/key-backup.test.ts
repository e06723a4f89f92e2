/** A key that leaves its deployment whole and comes back, into the same one or another. */
import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, type KeyObject, privateDecrypt } from 'node:crypto';
import { test } from 'node:test';
import { canonicalBytes, decodeBytes, encodeBytes, parseCanonical } from '@strongroom/canonical';
import {
  type KeyBackup,
  newRequestId,
  type OperationName,
  type OperationRequest,
} from '@strongroom/contracts';
import { signVote, wrapForImport } from '@strongroom/sealed';
import { policy } from '../../testing/deployment.ts';
import type { KeyHolder } from '../../testing/key-holder.ts';
import { codeOf, done, WorkerScene } from '../../testing/worker-scene.ts';

const place = { group: 'default', name: 'data' };
const recovery = generateKeyPairSync('rsa', { modulusLength: 3_072 });
const spkiOf = (key: KeyObject) => encodeBytes(key.export({ format: 'der', type: 'spki' }));
const recoveryKey = spkiOf(recovery.publicKey);

async function deployment() {
  const scene = await WorkerScene.set();
  const { worker, alice, deployment: its } = scene;
  await worker.worker.ensureImportKey();
  const user = await scene.machine('user', 'crypto-user');
  /** With its quorum, and what the requester then gets. */
  const guarded = async <Name extends OperationName>(name: Name, params: OperationRequest<Name>) => {
    const requestId = newRequestId(its.clock.nowMs());
    const first = await alice.call(worker, name, params, { requestId });
    if (first.status !== 'pending') return first;
    const [bob, carol] = its.approvers as [KeyHolder, KeyHolder];
    const votedAt = new Date(its.clock.nowMs()).toISOString();
    const opHash = its.approvals.opHash(requestId);
    const votes = [bob, carol].map((holder) =>
      signVote(holder, { opHash, verdict: 'approve', comment: '', votedAt }),
    );
    await worker.handle('approved', its.approvals.executeRequest(requestId, { votes }));
    return alice.call(worker, name, params, { requestId });
  };
  /** What the holder of the recovery key does off the network. */
  const rewrap = async (backup: string) => {
    const { content } = parseCanonical(decodeBytes(backup)) as unknown as KeyBackup;
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const sealed = decodeBytes(content.encryptedKey);
    const key = privateDecrypt({ key: recovery.privateKey, padding, oaepHash: 'sha256' }, sealed);
    const { importKey } = await scene.ask('key.import-key', {});
    assert.ok(importKey.statement.type === 'strongroom.import-key/1');
    return encodeBytes(wrapForImport(importKey.statement, key));
  };
  const encrypt = () =>
    user.call(worker, 'crypto.encrypt', { group: 'default', key: 'data', plaintext: 'YQ' });
  const decrypt = (ciphertext: string) =>
    user.call(worker, 'crypto.decrypt', { group: 'default', key: 'data', ciphertext });
  return { ...scene, ask: scene.ask.bind(scene), its, guarded, rewrap, encrypt, decrypt };
}

type Deployed = Awaited<ReturnType<typeof deployment>>;

async function backedUp() {
  const origin = await deployment();
  done(
    await origin.guarded('key.create-exportable', { ...place, purpose: 'data', policy, labels: { a: 'b' } }),
  );
  const first = done<'crypto.encrypt'>(await origin.encrypt());
  done(await origin.guarded('key.rotate', place));
  const second = done<'crypto.encrypt'>(await origin.encrypt());
  const before = await origin.its.hsm.listKeys('');
  const { backup } = done<'key.backup'>(await origin.guarded('key.backup', { ...place, recoveryKey }));
  assert.deepEqual(await origin.its.hsm.listKeys(''), before, 'the key of the backup is gone');
  return { origin, backup, ciphertexts: [first.ciphertext, second.ciphertext] };
}

const restoration = async (target: Deployed, backup: string, change: object = {}) => ({
  ...{ ...place, backup, policy },
  identity: (parseCanonical(decodeBytes(backup)) as unknown as KeyBackup).identity,
  wrappedKey: await target.rewrap(backup),
  ...change,
});

test('in another deployment a restored key opens what it protected, and encrypts after a rotation', async () => {
  const { origin, backup, ciphertexts } = await backedUp();
  const target = await deployment();
  const before = await target.its.hsm.listKeys('strongroom/key/');
  const key = done<'key.restore'>(await target.guarded('key.restore', await restoration(target, backup)));
  const original = await origin.ask('key.describe', place);
  assert.deepEqual(key, original);
  const { versions } = await target.ask('key.list-versions', { ...place, limit: 9 });
  assert.deepEqual(
    versions.map(({ version, origin: from, state }) => [version, from, state]),
    [
      [1, 'restored', 'deactivated'],
      [2, 'restored', 'deactivated'],
    ],
  );
  for (const ciphertext of ciphertexts) assert.equal(codeOf(await target.decrypt(ciphertext)), 'done');
  assert.equal(codeOf(await target.encrypt()), 'key-deactivated');
  assert.equal((await target.its.hsm.listKeys('strongroom/key/')).length, before.length + 2);
  done(await target.guarded('key.rotate', place));
  assert.equal(done<'crypto.encrypt'>(await target.encrypt()).version, 3);
});

test('a backup holds no material that is not wrapped, and neither log nor carrier can open it', async () => {
  const { origin, backup } = await backedUp();
  const entry = origin.its.auditLog.entries.findLast(
    ({ operation, reply }) => operation === 'key.backup' && reply?.['backup'] !== undefined,
  );
  assert.match(entry?.reply?.['backup'] ?? '', /^sha256:/);
  assert.ok(!JSON.stringify(entry).includes(backup));
});

test('where there is the key already, or was one, nothing is restored over it', async () => {
  const { origin, backup } = await backedUp();
  const answer = await origin.guarded('key.restore', await restoration(origin, backup));
  assert.equal(codeOf(answer), 'already-exists');
});

test('a backup that was changed, is of another key, or was signed by another identity than was agreed to is refused', async () => {
  const { backup } = await backedUp();
  const target = await deployment();
  const labels = await target.its.hsm.listKeys('');
  const value = parseCanonical(decodeBytes(backup)) as unknown as KeyBackup;
  const changed = { ...value, content: { ...value.content, minimumVersion: 2 } };
  const other = { ...value, identity: encodeBytes(new Uint8Array(32).fill(1)) };
  const asText = (each: object) => encodeBytes(canonicalBytes(each as never));
  for (const [why, change] of [
    ['changed', { backup: asText(changed) }],
    ['other identity', { backup: asText(other) }],
    ['other name', { name: 'another' }],
    ['no backup', { backup: 'AAAA' }],
    ['disagreed identity', { identity: other.identity }],
  ] as const) {
    const answer = await target.guarded('key.restore', await restoration(target, backup, change));
    assert.equal(codeOf(answer), 'request-invalid', why);
  }
  const wrong = await restoration(target, backup, { wrappedKey: encodeBytes(new Uint8Array(424)) });
  assert.equal(codeOf(await target.guarded('key.restore', wrong)), 'ciphertext-invalid');
  assert.deepEqual(await target.its.hsm.listKeys(''), labels);
});

test('a key that was not made to leave has no backup, and a weak recovery key is none', async () => {
  const { origin } = await backedUp();
  await origin.ask('key.create', { group: 'default', name: 'stays', purpose: 'mac', type: 'hmac-sha256' });
  const stays = await origin.guarded('key.backup', { group: 'default', name: 'stays', recoveryKey });
  assert.equal(codeOf(stays), 'key-not-exportable');
  const weak = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey;
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  for (const key of [spkiOf(weak), spkiOf(curve), 'AAAA'])
    assert.equal(
      codeOf(await origin.guarded('key.backup', { ...place, recoveryKey: key })),
      'request-invalid',
    );
});
