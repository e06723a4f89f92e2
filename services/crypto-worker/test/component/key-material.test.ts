/** Keys of every kind: where they come from, what may be seen of them, and what may leave. */
import assert from 'node:assert/strict';
import {
  createCipheriv,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { test } from 'node:test';
import { decodeBytes, encodeBytes, parseCanonical } from '@strongroom/canonical';
import {
  type KeyPurpose,
  type KeyType,
  keyFits,
  newRequestId,
  type OperationRequest,
} from '@strongroom/contracts';
import {
  identityFingerprint,
  signVote,
  verifyAttestation,
  verifyImportKey,
  wrapForImport,
} from '@strongroom/sealed';
import { policy } from '../../testing/deployment.ts';
import type { KeyHolder } from '../../testing/key-holder.ts';
import { codeOf, done, WorkerScene } from '../../testing/worker-scene.ts';

const group = 'default';

async function keyScene() {
  const scene = await WorkerScene.set();
  const { worker, deployment, alice } = scene;
  await worker.worker.ensureImportKey();
  const ask = scene.ask.bind(scene);
  const identity = encodeBytes(worker.worker.identity);
  const fingerprint = identityFingerprint(worker.worker.identity);
  const attest = async (name: string, version?: number) => {
    const asked = { group, name, ...(version === undefined ? {} : { version }) };
    const { attestation } = await ask('key.attest', asked);
    return verifyAttestation(fingerprint, { identity, signed: attestation });
  };
  const wrap = async (material: Uint8Array) => {
    const { importKey } = await ask('key.import-key', {});
    return encodeBytes(
      wrapForImport(verifyImportKey(fingerprint, { identity, signed: importKey }), material),
    );
  };
  /** What waits for its quorum gets it. */
  const approve = async (requestId: string) => {
    const [bob, carol] = deployment.approvers as [KeyHolder, KeyHolder];
    const votedAt = new Date(deployment.clock.nowMs()).toISOString();
    const opHash = deployment.approvals.opHash(requestId);
    const votes = [bob, carol].map((holder) =>
      signVote(holder, { opHash, verdict: 'approve', comment: '', votedAt }),
    );
    const bytes = deployment.approvals.executeRequest(requestId, { votes });
    return parseCanonical((await worker.handle('approved', bytes)) as Uint8Array) as {
      status: string;
      code?: string;
    };
  };
  const exportable = async (name: string, purpose: KeyPurpose, type: KeyType) => {
    const requestId = newRequestId(deployment.clock.nowMs());
    const params = { group, name, purpose, type, policy } as const;
    await alice.call(worker, 'key.create-exportable', params, { requestId });
    assert.deepEqual(await approve(requestId), { status: 'done' });
  };
  return { scene, worker, deployment, alice, ask, attest, wrap, approve, exportable };
}

test('every kind of key of the table is made in the HSM, says so, and has a public half exactly where it has one', async () => {
  const { ask, attest, alice, worker } = await keyScene();
  for (const [type, fits] of Object.entries(keyFits) as [KeyType, (typeof keyFits)[KeyType]][])
    for (const purpose of Object.keys(fits) as KeyPurpose[]) {
      const name = `${type}-${purpose}`;
      const key = await ask('key.create', { group, name, purpose, type });
      assert.deepEqual(
        [key.type, key.purpose, key.protection, key.exportable],
        [type, purpose, 'hsm', false],
      );
      const { held, attributes, publicKey } = await attest(name);
      const isWrapped = purpose === 'data' && type.startsWith('aes');
      assert.equal(held, isWrapped ? 'wrapped' : 'token', name);
      if (!isWrapped)
        assert.deepEqual(
          [attributes?.sensitive, attributes?.extractable, attributes?.neverExtractable, attributes?.local],
          [true, false, true, true],
          name,
        );
      const isPair = !/^(aes|hmac)/.test(type);
      assert.equal(publicKey !== undefined, isPair, name);
      const shown = await alice.call(worker, 'key.public-key', { group, name });
      assert.equal(codeOf(shown), isPair ? 'done' : 'key-type-refused', name);
      if (!isPair) continue;
      const { pem, jwk } = done<'key.public-key'>(shown);
      const [ofPem, ofJwk] = [
        createPublicKey(pem),
        createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }),
      ];
      assert.ok(ofPem.equals(ofJwk), name);
      assert.equal(encodeBytes(ofPem.export({ format: 'der', type: 'spki' })), publicKey);
      assert.deepEqual([jwk.kid, jwk.use], [`${key.id}.1`, purpose === 'signing' ? 'sig' : 'enc']);
    }
});

test('a rotation makes another key pair, and the older public half is still shown', async () => {
  const { ask } = await keyScene();
  await ask('key.create', { group, name: 'signer', purpose: 'signing', type: 'ec-p256' });
  await ask('key.rotate', { group, name: 'signer' });
  const [current, first] = [
    await ask('key.public-key', { group, name: 'signer' }),
    await ask('key.public-key', { group, name: 'signer', version: 1 }),
  ];
  assert.deepEqual([current.version, first.version], [2, 1]);
  assert.notEqual(current.pem, first.pem);
});

test('nothing is attested that the token and the record do not agree on', async () => {
  const { ask, alice, worker, deployment } = await keyScene();
  const { id } = await ask('key.create', { group, name: 'signer', purpose: 'signing', type: 'ed25519' });
  const [label = ''] = await deployment.hsm.listKeys(`strongroom/key/${id}/`);
  await deployment.hsm.destroyKey(label);
  const attest = () => alice.call(worker, 'key.attest', { group, name: 'signer' });
  assert.equal(codeOf(await attest()), 'absent');
  await deployment.hsm.createKey(label, { type: 'ed25519', use: 'sign', exportable: true });
  assert.equal(codeOf(await attest()), 'hsm-inconsistent');
});

const pairs: readonly [KeyType, () => { privateKey: KeyObject; publicKey: KeyObject }][] = [
  ['ec-p256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['ed25519', () => generateKeyPairSync('ed25519')],
  ['rsa-2048', () => generateKeyPairSync('rsa', { modulusLength: 2_048 })],
];

test('a key that was made elsewhere comes in wrapped, and its statement says that it was made elsewhere', async () => {
  const { ask, wrap, attest } = await keyScene();
  for (const [type, purpose, bytes] of [
    ['aes-256', 'data', 32],
    ['aes-128', 'wrapping', 16],
    ['hmac-sha256', 'mac', 32],
  ] as const) {
    const wrapped = await wrap(randomBytes(bytes));
    await ask('key.import', { group, name: `in-${type}`, purpose, type, wrapped });
    const { origin, attributes, exportable } = await attest(`in-${type}`);
    assert.deepEqual(
      [origin, attributes?.local, attributes?.extractable, exportable],
      ['imported', false, false, false],
    );
  }
  for (const [type, make] of pairs) {
    const { privateKey, publicKey } = make();
    const wrapped = await wrap(privateKey.export({ format: 'der', type: 'pkcs8' }));
    const spki = encodeBytes(publicKey.export({ format: 'der', type: 'spki' }));
    await ask('key.import', {
      group,
      name: `in-${type}`,
      purpose: 'signing',
      type,
      wrapped,
      publicKey: spki,
    });
    const { pem } = await ask('key.public-key', { group, name: `in-${type}` });
    assert.ok(createPublicKey(pem).equals(publicKey));
  }
});

test('what is not wrapped to the import key, is no KEK’s to be, or exists, does not come in, and leaves nothing', async () => {
  const { ask, alice, worker, wrap, deployment } = await keyScene();
  await ask('key.create', { group, name: 'taken', purpose: 'data' });
  const labels = await deployment.hsm.listKeys('');
  const wrapped = await wrap(randomBytes(32));
  const bring = async (change: Partial<OperationRequest<'key.import'>>) =>
    codeOf(
      await alice.call(worker, 'key.import', {
        ...{ group, name: 'new', purpose: 'data', type: 'aes-256', wrapped },
        ...change,
      }),
    );
  assert.equal(await bring({ purpose: 'kek' }), 'key-type-refused');
  assert.equal(await bring({ type: 'ed25519' }), 'key-type-refused');
  assert.equal(await bring({ name: 'taken' }), 'already-exists');
  assert.equal(await bring({ wrapped: encodeBytes(randomBytes(424)) }), 'ciphertext-invalid');
  assert.equal(await bring({ type: 'aes-128' }), 'ciphertext-invalid');
  assert.equal(await bring({ wrappedBy: 'taken' }), 'key-purpose-refused');
  assert.deepEqual(await deployment.hsm.listKeys(''), labels);
});

test('an exportable key leaves with its quorum and under a wrapping key, and comes in again by it', async () => {
  const { ask, alice, worker, approve, exportable, attest, deployment } = await keyScene();
  await exportable('leaves', 'mac', 'hmac-sha256');
  await ask('key.create', { group, name: 'transport', purpose: 'wrapping', type: 'aes-256' });
  assert.equal((await attest('leaves')).exportable, true);
  const requestId = newRequestId(deployment.clock.nowMs());
  const params = { group, name: 'leaves', wrappingKey: 'transport' };
  const leave = () => alice.call(worker, 'key.export', params, { requestId });
  assert.equal(codeOf(await leave()), 'pending');
  assert.deepEqual(await approve(requestId), { status: 'done' });
  const { wrapped } = done<'key.export'>(await leave());
  const entry = deployment.auditLog.entries.findLast(({ operation }) => operation === 'key.export');
  assert.ok(!JSON.stringify(entry).includes(wrapped), 'the log only commits to it');
  await ask('key.import', {
    ...{ group, name: 'back', purpose: 'mac', type: 'hmac-sha256', wrappedBy: 'transport', wrapped },
  });
  assert.equal((await attest('back')).exportable, false);
});

test('nothing else leaves: no key that was not made for it, no suspended one, under no key of another purpose', async () => {
  const { ask, alice, worker, exportable, approve, deployment } = await keyScene();
  await ask('key.create', { group, name: 'stays', purpose: 'mac', type: 'hmac-sha256' });
  await ask('key.create', { group, name: 'transport', purpose: 'wrapping', type: 'aes-256' });
  const leave = (name: string, wrappingKey: string, requestId = newRequestId(deployment.clock.nowMs())) =>
    alice.call(worker, 'key.export', { group, name, wrappingKey }, { requestId });
  assert.equal(codeOf(await leave('stays', 'transport')), 'key-not-exportable');
  await exportable('leaves', 'mac', 'hmac-sha256');
  const requestId = newRequestId(deployment.clock.nowMs());
  assert.equal(codeOf(await leave('leaves', 'stays', requestId)), 'pending');
  assert.equal((await approve(requestId)).code, 'key-purpose-refused');
});

test('a token that lacks what a key needs refuses by the name of it, and nothing is made instead', async () => {
  const { alice, worker, deployment } = await keyScene();
  const labels = await deployment.hsm.listKeys('');
  worker.failNext({ method: 'createKey', kind: 'not-applied', code: 'mechanism-unsupported' });
  const answer = await alice.call(worker, 'key.create', {
    group,
    name: 'new',
    purpose: 'signing',
    type: 'ed25519',
  });
  assert.equal(codeOf(answer), 'mechanism-unsupported');
  assert.deepEqual(await deployment.hsm.listKeys(''), labels);
  assert.equal(codeOf(await alice.call(worker, 'key.describe', { group, name: 'new' })), 'absent');
});

test('two holders of a key see by its check value that it is the same, wherever it is held', async () => {
  const { ask, wrap, alice, worker, deployment } = await keyScene();
  const octets = randomBytes(32);
  const expected = createCipheriv('aes-256-ecb', octets, null).update(new Uint8Array(16)).subarray(0, 3);
  const key = { group, purpose: 'data', type: 'aes-256' } as const;
  await ask('key.import', { ...key, name: 'arrived', wrapped: await wrap(octets) });
  assert.deepEqual(await ask('key.check-value', { group, name: 'arrived' }), {
    version: 1,
    type: 'aes-256',
    method: 'aes-zero-block',
    checkValue: encodeBytes(expected),
  });
  await ask('key.create', { ...key, name: 'stays' });
  await ask('key.create', { ...key, name: 'soft', protection: 'software' });
  await ask('key.create', { group, name: 'tag', purpose: 'mac', type: 'hmac-sha256' });
  await ask('key.create', { group, name: 'pair', purpose: 'signing', type: 'ed25519' });
  const told = async (name: string) => {
    const { method, checkValue } = await ask('key.check-value', { group, name });
    return [method, decodeBytes(checkValue).length];
  };
  assert.deepEqual(await told('stays'), ['aes-zero-block', 3]);
  assert.deepEqual(await told('soft'), ['aes-zero-block', 3]);
  assert.deepEqual(await told('tag'), ['sha1', 3]);
  assert.deepEqual(await told('pair'), ['spki-sha256', 32]);
  const entries = JSON.stringify(deployment.auditLog.entries);
  assert.ok(!entries.includes(`"${encodeBytes(expected)}"`), 'not in the log');
  await ask('key.suspend', { group, name: 'arrived' });
  assert.equal(codeOf(await alice.call(worker, 'key.check-value', { group, name: 'arrived' })), 'done');
});
