/** The writer on a real database that is killed, hangs, is cut off, is shared with another writer, or is tampered with. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { AuditFilter, EntryBody } from '@strongroom/contracts';
import { type ErrorCode, isStrongroomError } from '@strongroom/errors';
import { startPostgres, type TestPostgres } from '@strongroom/testing';
import { type Acknowledged, checkLog } from '../../testing/log-oracle.ts';
import { createPostgresLog, durable, openPostgresLog, type PostgresLog } from '../../testing/postgres-log.ts';
import { type Cut, StatementCutter } from '../../testing/statement-cutter.ts';
import { bodyOf, TestDeployment, type TestWitness } from '../../testing/test-deployment.ts';
import { makeTestLog, TestClock, type TestLog } from '../../testing/test-log.ts';

const hasCode = (code: ErrorCode, detail?: RegExp) => (fault: unknown) => {
  assert.ok(isStrongroomError(fault), String(fault));
  assert.equal(fault.code, code);
  if (detail !== undefined) assert.match(fault.detail ?? '', detail);
  return true;
};

let postgres: TestPostgres;
let deployment: TestDeployment;
let witness: TestWitness;
let stores: PostgresLog[] = [];

before(async () => {
  postgres = await startPostgres({ settings: durable });
});
after(() => postgres.stop());
beforeEach(async () => {
  await createPostgresLog(postgres);
  deployment = new TestDeployment();
  witness = deployment.witness();
});
afterEach(async () => {
  for (const { database } of stores) await database.close();
  stores = [];
});

interface OpenLog extends TestLog {
  readonly stores: PostgresLog;
}

async function openLog(url = postgres.url): Promise<OpenLog> {
  const own = await openPostgresLog(url);
  stores.push(own);
  const log = makeTestLog({ deployment, witness, ...own, clock: new TestClock() });
  await log.keeper.bringUp();
  return { ...log, stores: own };
}

/** As a worker does: the same message until it is acknowledged. */
async function appendUntilDone(log: TestLog, bodies: readonly EntryBody[], acknowledged: Acknowledged[]) {
  const worker = deployment.worker();
  const endMs = performance.now() + 20_000;
  while (performance.now() < endMs) {
    try {
      for (const [position, index] of await log.append(worker, bodies)) {
        acknowledged.push({ index, body: bodies[position] as EntryBody });
      }
      return;
    } catch (fault) {
      assert.ok(isStrongroomError(fault), String(fault));
      await log.keeper.bringUp().catch(() => undefined);
    }
  }
  throw new Error('it did not recover');
}

const manyBodies = (count: number) => Array.from({ length: count }, () => bodyOf());

test('of two writers on one database the old one stops with the reason', async () => {
  const worker = deployment.worker();
  const old = await openLog();
  await old.append(worker, manyBodies(44));
  const young = await openLog();
  const answers = await Promise.allSettled([
    old.append(worker, [bodyOf()]),
    young.append(worker, [bodyOf()]),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['rejected', 'fulfilled'],
  );
  assert.match(
    (old.writer.state as { reason: string }).reason,
    /another writer took over with epoch 2; this one has 1/,
  );
  await checkLog(young.stores, []);
});

test('writers that take over from each other under load never break the log', async () => {
  const acknowledged: Acknowledged[] = [];
  let current = await openLog();
  for (let round = 0; round < 5; round += 1) {
    const messages = Array.from({ length: 20 }, () => manyBodies(5));
    const worker = deployment.worker();
    const toOld = messages.map((bodies) => current.append(worker, bodies));
    const settled = Promise.allSettled(toOld);
    const next = await openLog();
    await settled;
    // What the old one acknowledged is found by the new one, what it refused is taken by it.
    await Promise.all(messages.map((bodies) => appendUntilDone(next, bodies, acknowledged)));
    await assert.rejects(current.append(worker, [bodyOf()]), hasCode('audit-unavailable', /took over/));
    current = next;
  }
  assert.equal(acknowledged.length, 500);
  assert.equal((await checkLog(current.stores, acknowledged)).length, 500);
});

test('a database that is killed under load loses nothing that was acknowledged', async () => {
  const log = await openLog();
  const acknowledged: Acknowledged[] = [];
  const sending = Array.from({ length: 40 }, (_, at) =>
    appendUntilDone(log, manyBodies(10 + at), acknowledged),
  );
  await sending[0];
  await postgres.kill();
  await assert.rejects(log.append(deployment.worker(), [bodyOf()]));
  const startedMs = performance.now();
  await assert.rejects(log.append(deployment.worker(), [bodyOf()]), hasCode('database-unavailable'));
  assert.ok(performance.now() - startedMs < 100, 'refused at once');
  await postgres.start();
  await Promise.all(sending);
  const entries = await checkLog(log.stores, acknowledged);
  assert.equal(acknowledged.length, 40 * 10 + (40 * 39) / 2);
  assert.ok(entries.length >= acknowledged.length);
});

test('a database that hangs leaves the commit in doubt, and the doubt is cleared when it goes on', async () => {
  const log = await openLog();
  const acknowledged: Acknowledged[] = [];
  await appendUntilDone(log, manyBodies(3), acknowledged);
  const bodies = manyBodies(2);
  postgres.pause();
  try {
    await assert.rejects(log.append(deployment.worker(), bodies), hasCode('outcome-unknown'));
    await assert.rejects(log.append(deployment.worker(), bodies), hasCode('database-unavailable'));
  } finally {
    postgres.resume();
  }
  await appendUntilDone(log, bodies, acknowledged);
  assert.equal((await checkLog(log.stores, acknowledged)).length, 5);
});

for (const cut of ['before', 'after', 'late'] as const satisfies readonly Cut[]) {
  test(`a connection that breaks at a commit (${cut}) neither loses nor doubles an entry`, async () => {
    await using wire = await StatementCutter.to(postgres.url);
    const log = await openLog(wire.url);
    const acknowledged: Acknowledged[] = [];
    await appendUntilDone(log, manyBodies(3), acknowledged);
    wire.cutNext(cut);
    await appendUntilDone(log, manyBodies(2), acknowledged);
    await wire.release();
    await appendUntilDone(log, manyBodies(2), acknowledged);
    assert.equal((await checkLog(log.stores, acknowledged)).length, 7);
    await log.stores.database.close();
    stores = [];
  });
}

test('a late commit that lands while nobody looks is found by the next batch', async () => {
  await using wire = await StatementCutter.to(postgres.url);
  const log = await openLog(wire.url);
  const worker = deployment.worker();
  const bodies = manyBodies(2);
  const head = log.stores.store.head;
  // The look that follows the doubt fails, so the caller is told that the outcome is unknown.
  let isAway = true;
  Object.assign(log.stores.store, {
    head: async () => {
      if (isAway) throw new Error('no look');
      return head();
    },
  });
  wire.cutNext('late');
  await assert.rejects(log.append(worker, bodies), hasCode('outcome-unknown'));
  isAway = false;
  await log.keeper.bringUp();
  assert.equal(log.writer.size, 0);
  await wire.release();
  assert.deepEqual([...(await log.append(worker, [bodyOf()])).values()], [2]);
  assert.deepEqual([...(await log.append(worker, bodies)).values()], [0, 1]);
  await checkLog(log.stores, []);
  await log.stores.database.close();
  stores = [];
});

test('a server that does not flush is refused at the start', async () => {
  await postgres.run('ALTER ROLE test_superuser SET synchronous_commit = off');
  await postgres.run('ALTER SYSTEM SET full_page_writes = off; ');
  await postgres.run('SELECT pg_reload_conf()');
  try {
    await assert.rejects(
      openPostgresLog(postgres.url),
      hasCode('configuration-invalid', /full_page_writes must be on/),
    );
  } finally {
    await postgres.run('ALTER SYSTEM RESET full_page_writes');
    await postgres.run('SELECT pg_reload_conf()');
    await postgres.run('ALTER ROLE test_superuser RESET synchronous_commit');
  }
});

test('rows that somebody removed or changed are noticed in answers and at the next start', async () => {
  const log = await openLog();
  await log.append(deployment.worker(), manyBodies(20));
  await log.keeper.bringUpToDate();
  await postgres.run('DELETE FROM audit.entry WHERE index = 7');
  const found = await log.query({ filter: { actor: 'user:alice' }, limit: 50, order: 'newest-first' });
  assert.equal(found.complete, false);
  await assert.rejects(openLog(), hasCode('record-tampered', /entries end at 19, .* committed 20/));
  await postgres.run('UPDATE audit.writer SET size = 7; DELETE FROM audit.entry WHERE index > 6');
  await assert.rejects(openLog(), hasCode('record-tampered', /rolled back: 20 entries are signed, it has 7/));
  await postgres.run('DELETE FROM audit.checkpoint WHERE size > 0');
  await assert.rejects(openLog(), hasCode('record-tampered', /witness has signed 20 entries, the log has 7/));
});

test('an entry or a hash that somebody changed is not vouched for', async () => {
  const log = await openLog();
  await log.append(deployment.worker(), manyBodies(200));
  await log.append(deployment.worker(), manyBodies(100));
  const exportFrom = (filter: AuditFilter) => log.exportPage({ filter, limit: 50 });
  const other = bodyOf({ actorId: 'user:bob' });
  await log.append(deployment.worker(), [other]);
  await exportFrom({});
  await postgres.run(
    "UPDATE audit.entry SET leaf = replace(encode(leaf, 'escape'), 'done', 'gone')::bytea WHERE index = 3",
  );
  await assert.rejects(exportFrom({}), hasCode('record-tampered', /entry 3 is not in the signed tree/));
  await exportFrom({ actor: 'user:bob' });
  await postgres.run("UPDATE audit.entry SET leaf_hash = sha256('x') WHERE index = 299");
  await assert.rejects(exportFrom({ actor: 'user:bob' }), hasCode('record-tampered', /entry 300 is not/));
  await postgres.run('DELETE FROM audit.entry WHERE index = 5');
  await assert.rejects(exportFrom({}), hasCode('record-tampered', /hashes are missing in tile 0\/0/));
});
