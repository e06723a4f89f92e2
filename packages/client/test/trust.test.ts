import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { generateKeyFile, writeKeyFile } from '@strongroom/sealed';
import { SecretString } from '@strongroom/secret';
import { connectStrongroom, keyFileCredential } from '../src/index.ts';
import { makeCertificates } from './certificates.ts';
import { certificates, coded, deploy, read } from './deployment.ts';
import { FakeGateway } from './fake-gateway.ts';
import { FakeWorker } from './fake-worker.ts';

test('nothing is sealed to a deployment that does not show the pinned identity', async (t) => {
  const { connect, gateway } = await deploy(t);
  const stranger = connect({ identityFingerprint: new FakeWorker(Date.now).identityFingerprint });
  await assert.rejects(stranger.call('secret.read', read), coded('identity-mismatch'));
  await assert.rejects(stranger.identity(), coded('identity-mismatch'));
  assert.equal(gateway.frames.length, 0);
});

test('the verified identity is told', async (t) => {
  const { client, worker } = await deploy(t);
  assert.equal(await client.identity(), worker.identity);
});

test('keys that the identity did not sign, or for another pool or tenant, are not sealed to', async (t) => {
  const { connect, gateway, worker } = await deploy(t);
  const impostor = new FakeWorker(Date.now);
  await impostor.rotateSealingKey();
  gateway.sealingKeys = () => ({ ...worker.sealingKeys(), keys: impostor.sealingKeys().keys });
  await assert.rejects(connect().call('secret.read', read), coded('identity-mismatch'));
  gateway.sealingKeys = () => 'nonsense';
  await assert.rejects(connect().call('secret.read', read), coded('identity-mismatch'));
  gateway.sealingKeys = () => worker.sealingKeys();
  await assert.rejects(connect({ pool: 'other' }).call('secret.read', read), coded('sealing-key-unknown'));
  await assert.rejects(connect({ tenant: 'other' }).call('secret.read', read), coded('sealing-key-unknown'));
  assert.equal(gateway.frames.length, 0);
  await connect().call('secret.read', read);
});

test('keys that were refused are asked for again at the next call', async (t) => {
  const { client, gateway, worker } = await deploy(t);
  gateway.sealingKeys = () => ({});
  await assert.rejects(client.call('secret.read', read), coded('identity-mismatch'));
  gateway.sealingKeys = () => worker.sealingKeys();
  await client.call('secret.read', read);
});

test('a gateway under another authority is not talked to', async (t) => {
  const { connect, gateway } = await deploy(t);
  const other = connect({ ca: (await makeCertificates()).ca });
  await assert.rejects(other.call('secret.read', read), (error) => {
    coded('identity-mismatch')(error);
    assert.ok(isStrongroomError(error) && error.detail?.includes('certificate'));
    return true;
  });
  assert.equal(gateway.keyRequests, 0);
});

test('a certificate for another name is refused, though the authority is the pinned one', async (t) => {
  const { connect, worker } = await deploy(t);
  const elsewhere = await makeCertificates('DNS:elsewhere.example');
  const other = new FakeGateway(worker, elsewhere);
  const gatewayUrl = await other.start();
  t.after(() => other.stop());
  const client = connect({ gatewayUrl, ca: elsewhere.ca });
  await assert.rejects(client.call('secret.read', read), coded('identity-mismatch'));
  assert.equal(other.keyRequests, 0);
});

test('a gateway that only speaks TLS 1.2 is not talked to', async (t) => {
  const { connect, worker } = await deploy(t);
  const old = new FakeGateway(worker, certificates, 'TLSv1.2');
  const gatewayUrl = await old.start();
  t.after(() => old.stop());
  await assert.rejects(connect({ gatewayUrl }).call('secret.read', read), coded('worker-unavailable'));
  assert.equal(old.keyRequests, 0);
});

test('each kind of credential makes its proof', async (t) => {
  const { connect, worker } = await deploy(t);
  let tokens = 0;
  const token = async () => {
    tokens += 1;
    return `token-${tokens}`;
  };
  const useSession = false;
  const workload = connect({ useSession, credential: { kind: 'workload-jwt', cluster: 'prod', token } });
  await workload.call('secret.read', read);
  await workload.call('secret.read', read);
  for (const key of ['sr_id_secret', new SecretString('sr_id_secret')]) {
    await connect({ useSession, credential: { kind: 'api-key', key } }).call('secret.read', read);
  }
  assert.deepEqual(
    worker.arrivals.map(({ message }) => message.proof),
    [
      { kind: 'workload-jwt', cluster: 'prod', token: 'token-1' },
      { kind: 'workload-jwt', cluster: 'prod', token: 'token-2' },
      { kind: 'api-key', key: 'sr_id_secret' },
      { kind: 'api-key', key: 'sr_id_secret' },
    ],
  );
});

test('a key file is a credential', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'strongroom-client-'));
  t.after(() => rm(directory, { recursive: true }));
  const key = generateKeyFile('plugin:node-1');
  const path = join(directory, 'key.json');
  await writeKeyFile(path, key);
  const { connect, worker } = await deploy(t);
  await connect({ credential: await keyFileCredential(path) }).call('secret.read', read);
  const { proof } = worker.arrivals[0]?.message ?? {};
  assert.ok(proof?.kind === 'key' && proof.principal === 'plugin:node-1');
  await assert.rejects(keyFileCredential(`${path}.none`), coded('configuration-invalid'));
});

test('settings that can not be meant are refused before anything is sent', async (t) => {
  const { options } = await deploy(t);
  for (const change of [
    { gatewayUrl: 'http://127.0.0.1:1' },
    { gatewayUrl: 'nonsense' },
    { identityFingerprint: 'SHA256:' },
    { identityFingerprint: '' },
    { ca: '' },
  ]) {
    assert.throws(() => connectStrongroom({ ...options, ...change }), coded('configuration-invalid'));
  }
});
