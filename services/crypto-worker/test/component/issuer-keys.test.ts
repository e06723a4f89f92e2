/** Workload tokens whose keys their issuer publishes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { TestCaller } from '../../testing/test-caller.ts';
import { TestCluster, type TokenChange } from '../../testing/test-cluster.ts';
import { codeOf, WorkerScene } from '../../testing/worker-scene.ts';

const secret = { group: 'default', name: 'database' };
const minuteMs = 60_000;

async function published() {
  const scene = await WorkerScene.set();
  const { clock, issuers } = scene.deployment;
  const cluster = new TestCluster('east');
  const { name, issuer, audience } = cluster.registration;
  issuers.published.set(issuer, cluster.keys);
  await scene.ask('secret.write', { ...secret, kind: 'password', value: encodeBytes(Buffer.from('s3cret')) });
  await scene.ask('cluster.register', { name, issuer, audience, keys: [], keySource: {} });
  await scene.bind('web-reads', 'workload:east/shop/web', 'secret-reader', 'default');
  const read = async (token: string) =>
    codeOf(
      await new TestCaller({ kind: 'workload-jwt', cluster: name, token }).call(
        scene.worker,
        'secret.read',
        secret,
      ),
    );
  const token = (change: TokenChange = {}) => cluster.token(clock.nowMs(), change);
  const pass = async (ms: number) => {
    clock.advance(ms);
    await scene.worker.worker.keyring.refresh();
  };
  return { scene, cluster, issuer, issuers, read, token, pass };
}

test('a token is verified with what its issuer publishes, which is asked for once', async () => {
  const { read, token, issuers } = await published();
  const tokens = await Promise.all(['a', 'b', 'c'].map((jti) => token({ claims: { jti } })));
  assert.deepEqual(await Promise.all(tokens.map(read)), ['done', 'done', 'done']);
  assert.equal(await read(await token({ claims: { jti: 'd' } })), 'done');
  assert.equal(issuers.asked, 1);
});

test('a key that is new is found at the first token that names it', async () => {
  const { read, token, issuers, issuer, pass } = await published();
  assert.equal(await read(await token()), 'done');
  const next = new TestCluster('east');
  const key = { ...next.keys[0], kid: 'key-2' } as never;
  issuers.published.set(issuer, [...(issuers.published.get(issuer) ?? []), key]);
  await pass(minuteMs);
  const fresh = await token({ header: { kid: 'key-2' }, key: next.privateKey });
  assert.equal(await read(fresh), 'done');
  assert.equal(issuers.asked, 2);
});

test('tokens that name keys there are none of make the worker ask once in half a minute, whatever their number', async () => {
  const { read, token, issuers, pass } = await published();
  assert.equal(await read(await token()), 'done');
  await pass(minuteMs);
  for (let at = 0; at < 20; at += 1)
    assert.equal(await read(await token({ header: { kid: `no-${at}` } })), 'proof-invalid');
  assert.equal(issuers.asked, 2);
  await pass(minuteMs / 2);
  assert.equal(await read(await token({ header: { kid: 'no' } })), 'proof-invalid');
  assert.equal(issuers.asked, 3);
  // Names that no key can have, and those of no cluster, ask nobody.
  await pass(minuteMs);
  assert.equal(await read(await token({ header: { kid: 'k'.repeat(129) } })), 'proof-invalid');
  assert.equal(issuers.asked, 3);
});

test('a key that its issuer took back vouches for nothing, not even for what was verified before', async () => {
  const { read, token, issuers, issuer, pass } = await published();
  const seen = await token();
  assert.equal(await read(seen), 'done');
  issuers.published.set(
    issuer,
    new TestCluster('east').keys.map((key) => ({ ...key, kid: 'key-2' })),
  );
  // The old set is used while it is fresh, and once more while the new one is on its way.
  await pass(6 * minuteMs);
  await read(seen);
  assert.equal(await read(seen), 'proof-invalid');
});

test('another key under the same name is another key', async () => {
  const { read, token, issuers, issuer, pass } = await published();
  const seen = await token();
  assert.equal(await read(seen), 'done');
  issuers.published.set(issuer, new TestCluster('east').keys);
  await pass(6 * minuteMs);
  await read(seen);
  assert.equal(await read(seen), 'proof-invalid');
});

test('an issuer that is away is missed for an hour by nobody, then its tokens are refused as such', async () => {
  const { scene, read, token, issuers, issuer, pass } = await published();
  assert.equal(await read(await token()), 'done');
  const keys = issuers.published.get(issuer) ?? [];
  issuers.published.delete(issuer);
  await pass(50 * minuteMs);
  assert.equal(await read(await token()), 'done');
  assert.ok(scene.worker.reports.some(({ event }) => event === 'issuer-keys-not-fetched'));
  await pass(11 * minuteMs);
  assert.equal(await read(await token()), 'issuer-unavailable');
  assert.equal(await read(await token()), 'issuer-unavailable', 'also between two attempts');
  issuers.published.set(issuer, keys);
  await pass(minuteMs);
  assert.equal(await read(await token()), 'done');
});

test('a registered key needs no issuer', async () => {
  const { scene, issuers } = await published();
  const west = new TestCluster('west');
  await scene.ask('cluster.register', {
    ...west.registration,
    keySource: { jwksUrl: 'https://west.example/keys' },
  });
  const token = await west.token(scene.deployment.clock.nowMs());
  const caller = new TestCaller({ kind: 'workload-jwt', cluster: 'west', token });
  assert.equal(codeOf(await caller.call(scene.worker, 'secret.read', secret)), 'denied');
  assert.equal(issuers.asked, 0);
});

test('a cluster without keys and without a source of them, or with one that is none, is not registered', async () => {
  const { scene, cluster } = await published();
  const register = async (change: object) =>
    codeOf(
      await scene.alice.call(scene.worker, 'cluster.register', {
        ...cluster.registration,
        name: 'north',
        keys: [],
        ...change,
      }),
    );
  assert.equal(await register({}), 'request-invalid');
  assert.equal(await register({ issuer: 'kubernetes', keySource: {} }), 'request-invalid');
  assert.equal(await register({ keySource: { jwksUrl: 'http://north.example/keys' } }), 'request-invalid');
  assert.equal(await register({ keySource: { ca: 'no certificate' } }), 'request-invalid');
  assert.equal(await register({ keySource: { addresses: ['10.0.0.0/8'] } }), 'request-invalid');
  assert.equal(await register({ keySource: {} }), 'done');
});
