/**
 * What is taken away is gone on every worker within a second, and a worker that can not see what is taken away refuses. On a
 * whole stack with two workers; which of them answers is the bus's choice, so many answers in a row stand for both.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import type { StrongroomClient } from '@strongroom/client';
import type { OperationName } from '@strongroom/contracts';
import { generateKeyFile } from '@strongroom/sealed';
import { Client } from 'pg';
import { codeOf, type Deployment, done, eventually, startDeployment } from '../security/kit/deployment.ts';
import { Issuer } from '../security/kit/issuer.ts';

const group = 'default';
/** Answers in a row that are all refused. One worker alone gives them at odds of 2^-39. */
const refusedInARow = 40;
const withinMs = 1_000;

const cleanUp: (() => Promise<void>)[] = [];
let deployment: Deployment;
before(async () => {
  deployment = await startDeployment({ after: (work) => void cleanUp.push(work as () => Promise<void>) });
});
after(async () => {
  for (const work of cleanUp) await work();
});

type Use = () => Promise<unknown>;

async function app(name: string, role: string): Promise<StrongroomClient> {
  const key = generateKeyFile(`app:${name}`);
  const { principal, publicKey, sign } = key;
  await done(deployment.operator, 'principal.enrol', { principal, credential: { kind: 'key', publicKey } });
  await bind(name, principal, role);
  return deployment.connect({ kind: 'key', principal, sign });
}

async function bind(name: string, principal: string, role: string): Promise<void> {
  const scope = { kind: 'tenant' } as const;
  await done(deployment.operator, 'binding.create', { name, principal, role, scope, effect: 'allow' });
}

interface LastUse {
  /** Milliseconds from asking for the revocation until the last use that succeeded had begun. */
  readonly sinceAskedMs: number;
  /** From its answer on; 0 where none succeeded after it. */
  readonly sinceAnsweredMs: number;
}

async function lastUse(use: Use, revoke: Use): Promise<LastUse> {
  // Sessions are open, and both workers know the caller.
  for (let call = 0; call < 20; call += 1) assert.equal(await codeOf(use()), 'done');
  let revokedAtMs = Number.POSITIVE_INFINITY;
  let lastBegunMs = 0;
  let inARow = 0;
  const askedAtMs = performance.now();
  const revoking = revoke().then(() => {
    revokedAtMs = performance.now();
  });
  while (inARow < refusedInARow) {
    const begunMs = performance.now();
    const code = await codeOf(use());
    assert.ok(begunMs < revokedAtMs + 10 * withinMs, 'still used long after');
    if (code === 'done') [lastBegunMs, inARow] = [begunMs, 0];
    else inARow += 1;
  }
  await revoking;
  return {
    sinceAskedMs: Math.max(0, lastBegunMs - askedAtMs),
    sinceAnsweredMs: Math.max(0, lastBegunMs - revokedAtMs),
  };
}

test('a principal, a role, a binding, a key and a cluster are gone within a second of the answer', async (t) => {
  const { operator } = deployment;
  const list = { group, limit: 1 };
  const cases: (readonly [string, Use, Use])[] = [];
  const add = (what: string, use: Use, revoke: Use) => void cases.push([what, use, revoke]);
  const ask =
    (name: OperationName, params: object): Use =>
    () =>
      done(operator, name, params as never);

  const disabled = await app('disabled', 'auditor');
  add(
    'principal',
    () => done(disabled, 'key.list', list),
    ask('principal.disable', { principal: 'app:disabled' }),
  );

  await done(operator, 'role.create', { name: 'lists-keys', summary: '', privileges: ['key.list'] });
  const roleless = await app('roleless', 'lists-keys');
  add('role', () => done(roleless, 'key.list', list), ask('role.disable', { name: 'lists-keys' }));

  const unbound = await app('unbound', 'auditor');
  add('binding', () => done(unbound, 'key.list', list), ask('binding.delete', { name: 'unbound' }));

  await done(operator, 'key.create', { group, name: 'passing', purpose: 'data' });
  const user = await app('user', 'crypto-user');
  const plaintext = encodeBytes(Buffer.from('text'));
  add(
    'key',
    () => done(user, 'crypto.encrypt', { group, key: 'passing', plaintext }),
    ask('key.suspend', { group, name: 'passing' }),
  );

  const issuer = new Issuer('east');
  await done(operator, 'cluster.register', issuer.registration);
  await bind('pods', issuer.principal('shop', 'web'), 'auditor');
  const token = issuer.token('shop', 'web');
  const pod = await deployment.connect({ kind: 'workload-jwt', cluster: 'east', token: async () => token });
  add('cluster', () => done(pod, 'key.list', list), ask('cluster.disable', { name: 'east' }));

  for (const [what, use, revoke] of cases) {
    const { sinceAskedMs, sinceAnsweredMs } = await lastUse(use, revoke);
    t.diagnostic(
      `${what}: last use ${Math.round(sinceAskedMs)} ms after asking, ${Math.round(sinceAnsweredMs)} ms after the answer`,
    );
    assert.ok(sinceAnsweredMs < withinMs, `${what}: ${sinceAnsweredMs} ms`);
  }
});

test('workers that can not read the newest state for 5 s refuse as stale, and go on when they can', async (t) => {
  const reader = await app('stale-reader', 'auditor');
  const use = () => done(reader, 'key.list', { group, limit: 1 });
  await use();
  const holder = new Client({ connectionString: deployment.stack.info.postgresUrl });
  await holder.connect();
  try {
    // Nobody reads the head while the lock is held; everything else of the database goes on, the log's writer too.
    await holder.query('begin');
    await holder.query('lock table registry.head in access exclusive mode');
    const lockedMs = performance.now();
    await eventually('a stale worker', 15_000, async () =>
      (await codeOf(use())) === 'state-stale' ? true : undefined,
    );
    await eventually('both are stale', 5_000, async () => {
      for (let call = 0; call < refusedInARow; call += 1)
        if ((await codeOf(use())) !== 'state-stale') return undefined;
      return true;
    });
    t.diagnostic(
      `both workers refuse ${Math.round(performance.now() - lockedMs)} ms after they became blind`,
    );
    await holder.query('rollback');
    await eventually('both are current again', 10_000, async () => {
      for (let call = 0; call < refusedInARow; call += 1)
        if ((await codeOf(use())) !== 'done') return undefined;
      return true;
    });
  } finally {
    await holder.end();
  }
});
