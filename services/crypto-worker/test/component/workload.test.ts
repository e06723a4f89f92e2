import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { TestCaller } from '../../testing/test-caller.ts';
import { TestCluster, type TokenChange } from '../../testing/test-cluster.ts';
import { codeOf, done, WorkerScene } from '../../testing/worker-scene.ts';

const secret = { group: 'default', name: 'database' };
const value = encodeBytes(Buffer.from('s3cret'));
const principal = 'workload:east/shop/web';

async function pod(algorithm: 'RS256' | 'ES256' = 'ES256') {
  const scene = await WorkerScene.set();
  const cluster = new TestCluster('east', algorithm);
  await scene.ask('secret.write', { ...secret, kind: 'password', value });
  await scene.ask('cluster.register', cluster.registration);
  await scene.bind('web-reads', principal, 'secret-reader', 'default');
  const read = async (token: string, name = 'east') =>
    new TestCaller({ kind: 'workload-jwt', cluster: name, token }).call(scene.worker, 'secret.read', secret);
  const { clock } = scene.deployment;
  const token = (change: TokenChange = {}) => cluster.token(clock.nowMs(), change);
  return { scene, cluster, clock, read, token };
}

for (const algorithm of ['RS256', 'ES256'] as const)
  test(`a pod reads its secret by a token of its cluster (${algorithm})`, async () => {
    const { scene, read, token } = await pod(algorithm);
    assert.equal(done<'secret.read'>(await read(await token())).value, value);
    const { actor } = scene.deployment.auditLog.entries.at(-1) ?? {};
    assert.deepEqual(actor, {
      id: principal,
      proof: 'workload-jwt',
      cluster: 'east',
      namespace: 'shop',
      pod: 'web-7d4b9-x2x9z',
      node: 'node-1',
    });
  });

test('a token must say everything, exactly', async () => {
  const { read, token, cluster, clock } = await pod();
  const kubernetes = cluster.claims(clock.nowMs())['kubernetes.io'];
  const without = (name: keyof typeof kubernetes) => ({
    'kubernetes.io': { ...kubernetes, [name]: undefined },
  });
  const refused: readonly Record<string, unknown>[] = [
    { iss: 'https://elsewhere' },
    { iss: undefined },
    { aud: ['strongroom.worker', 'another'] },
    { aud: ['another'] },
    { aud: [] },
    { aud: undefined },
    { sub: 'system:serviceaccount:shop:other' },
    { sub: undefined },
    { exp: undefined },
    { iat: undefined },
    { exp: 'soon' },
    { exp: Math.floor(clock.nowMs() / 1_000) + 25 * 3_600 },
    { 'kubernetes.io': undefined },
    without('namespace'),
    without('pod'),
    without('serviceaccount'),
    { 'kubernetes.io': { ...kubernetes, pod: { name: 'web-7d4b9-x2x9z' } } },
    { 'kubernetes.io': { ...kubernetes, serviceaccount: { name: 'web' } } },
    { 'kubernetes.io': { ...kubernetes, namespace: 'Shop/../x' } },
    { 'kubernetes.io': [] },
  ];
  for (const claims of refused)
    assert.equal(codeOf(await read(await token({ claims }))), 'proof-invalid', JSON.stringify(claims));
});

test('an audience that is one text is one audience', async () => {
  const { read, token } = await pod();
  assert.equal(codeOf(await read(await token({ claims: { aud: 'strongroom.worker' } }))), 'done');
});

test('a token is good in its time, give or take half a minute', async () => {
  const { read, cluster, clock } = await pod();
  const at = (ms: number) => cluster.token(clock.nowMs() + ms);
  assert.equal(codeOf(await read(await at(29_000))), 'done');
  assert.equal(codeOf(await read(await at(31_000))), 'proof-expired');
  assert.equal(codeOf(await read(await at(-3_600_000 - 29_000))), 'done');
  assert.equal(codeOf(await read(await at(-3_600_000 - 31_000))), 'proof-expired');
});

test('neither header nor key chooses how it is checked', async () => {
  const { read, token, cluster } = await pod('RS256');
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
  const publicPem = Buffer.from(cluster.publicKey.export({ format: 'pem', type: 'spki' }));
  const unsigned = `${Buffer.from('{"alg":"none","kid":"key-1"}').toString('base64url')}.${
    (await token()).split('.')[1]
  }.`;
  const tokens = [
    await token({ key: stranger }),
    await token({ header: { alg: 'HS256' }, key: publicPem }),
    await token({ header: { alg: 'PS256' } }),
    await token({ header: { alg: 'RS512' } }),
    await token({ header: { kid: 'key-2' } }),
    await token({ header: { kid: undefined } }),
    unsigned,
    '',
    'a.b.c',
    `${await token()}x`,
  ];
  for (const [index, bad] of tokens.entries())
    assert.equal(codeOf(await read(bad)), 'proof-invalid', `${index}`);
});

test('a token is good for its own cluster only, also after it was seen', async () => {
  const { scene, read, token } = await pod();
  const west = new TestCluster('west');
  await scene.ask('cluster.register', west.registration);
  const good = await token();
  assert.equal(codeOf(await read(good)), 'done');
  assert.equal(codeOf(await read(good, 'west')), 'proof-invalid');
  assert.equal(codeOf(await read(good, 'nowhere')), 'proof-invalid');
});

test('a token that was seen is forgotten when it expires', async () => {
  const { scene, read, token, clock } = await pod();
  const good = await token();
  assert.equal(codeOf(await read(good)), 'done');
  clock.advance(3_600_000 + 31_000);
  await scene.worker.worker.keyring.refresh();
  assert.equal(codeOf(await read(good)), 'proof-expired');
});

test('a session of a pod ends with its token', async () => {
  const { scene, cluster, clock } = await pod();
  const nowSeconds = Math.floor(clock.nowMs() / 1_000);
  const token = await cluster.token(clock.nowMs(), { claims: { exp: nowSeconds + 120 } });
  const caller = new TestCaller({ kind: 'workload-jwt', cluster: 'east', token });
  await caller.call(scene.worker, 'secret.read', secret, { openSession: true });
  assert.equal(codeOf(await caller.inSession(scene.worker, 'secret.read', secret)), 'done');
  clock.advance(121_000);
  assert.equal(codeOf(await caller.inSession(scene.worker, 'secret.read', secret)), 'session-ended');
});

test('a cluster is registered once, with keys that are keys', async () => {
  const { scene, cluster } = await pod();
  const register = async (change: object) =>
    codeOf(await scene.alice.call(scene.worker, 'cluster.register', { ...cluster.registration, ...change }));
  assert.equal(await register({}), 'already-exists');
  assert.equal(await register({ name: 'a_b' }), 'request-invalid');
  const [key] = cluster.keys;
  assert.equal(await register({ name: 'north', keys: [key, key] }), 'request-invalid');
  assert.equal(await register({ name: 'north', keys: [{ ...key, x: 'AAAA' }] }), 'request-invalid');
  const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey.export({ format: 'jwk' });
  assert.equal(
    await register({ name: 'north', keys: [{ ...weak, kid: 'k', alg: 'RS256' }] }),
    'request-invalid',
  );
  assert.equal(await register({ name: 'north' }), 'done');
});

test('nothing is granted to workloads of a cluster that nobody registered', async () => {
  const { scene } = await pod();
  const binding = {
    name: 'early',
    principal: 'workload:later/shop/web',
    role: 'secret-reader',
    scope: { kind: 'tenant' },
    effect: 'allow',
  } as const;
  assert.equal(codeOf(await scene.alice.call(scene.worker, 'binding.create', binding)), 'absent');
});

test('when a cluster is disabled, its workloads are refused at their next message, by token and in a session', async () => {
  const { scene, token, read } = await pod();
  const seen = await token();
  const caller = new TestCaller({ kind: 'workload-jwt', cluster: 'east', token: seen });
  await caller.call(scene.worker, 'secret.read', secret, { openSession: true });
  assert.equal(codeOf(await caller.inSession(scene.worker, 'secret.read', secret)), 'done');
  assert.equal((await scene.ask('cluster.disable', { name: 'east' })).state, 'disabled');
  assert.equal(codeOf(await caller.inSession(scene.worker, 'secret.read', secret)), 'session-ended');
  assert.equal(codeOf(await read(seen)), 'denied', 'remembered or not');
  assert.equal(codeOf(await read(await token({ claims: { jti: 'another' } }))), 'denied');
  // Who has no token of the cluster does not learn that it is disabled.
  assert.equal(codeOf(await read('a.b.c')), 'proof-invalid');
  assert.equal(codeOf(await scene.alice.call(scene.worker, 'cluster.disable', { name: 'west' })), 'absent');
});
