/** What "the database cannot be used now" looks like to the driver, fault by fault, on a real PostgreSQL. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findFreePort, startPostgres, type TestPostgres } from '@strongroom/testing';
import { type Kysely, sql } from 'kysely';
import { isUnavailable, openDatabase, withDatabase } from '../../src/index.ts';

let postgres: TestPostgres;
const open: Kysely<unknown>[] = [];
const idleFaults: Error[] = [];

before(async () => {
  postgres = await startPostgres({
    settings: { max_connections: '12', superuser_reserved_connections: '3' },
  });
  await postgres.run("create role plain login password 'p'; create schema plain authorization plain");
});
after(async () => {
  await Promise.all(open.map((database) => database.destroy()));
  await postgres.stop();
});

function connect({ url = postgres.url, poolMax = 2, statementTimeoutMs = 5_000 } = {}): Kysely<unknown> {
  const database = openDatabase<unknown>({
    url,
    schema: 'public',
    applicationName: 'test',
    poolMax,
    statementTimeoutMs,
    onIdleFault: (fault) => idleFaults.push(fault),
  });
  open.push(database);
  return database;
}

const run = (database: Kysely<unknown>, statement: string) => sql.raw(statement).execute(database);

async function assertUnavailable(work: () => Promise<unknown>): Promise<void> {
  const fault: unknown = await work().then(
    () => assert.fail('it should have failed'),
    (reason: unknown) => reason,
  );
  assert.ok(isUnavailable(fault), String((fault as Error).stack));
  await assert.rejects(
    withDatabase(() => Promise.reject(fault)),
    {
      code: 'database-unavailable',
      cause: fault,
    },
  );
}

/** The pool may still hand out a connection that is about to close; that is told as what it is. */
async function assertRecovers(database: Kysely<unknown>): Promise<void> {
  for (;;) {
    try {
      const { rows } = await withDatabase(() => run(database, 'select 1 as one'));
      assert.deepEqual(rows, [{ one: 1 }]);
      return;
    } catch (fault) {
      assert.equal((fault as { code: unknown }).code, 'database-unavailable');
    }
  }
}

test('nobody listens', async () => {
  const port = await findFreePort();
  const database = connect({ url: `postgresql://a:b@127.0.0.1:${port}/x` });
  await assertUnavailable(() => run(database, 'select 1'));
});

test('the connection is terminated under a query, and the pool goes on with another', async () => {
  const database = connect();
  const cut = run(database, 'select pg_terminate_backend(pg_backend_pid())');
  await assertUnavailable(() => cut);
  await assertRecovers(database);
});

test('an idle connection is terminated: no uncaught error, and the pool goes on', async () => {
  const database = connect({ poolMax: 1 });
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database);
  const told = idleFaults.length;
  await postgres.run(`select pg_terminate_backend(${rows[0]?.pid})`);
  while (idleFaults.length === told) await new Promise((resolve) => setImmediate(resolve));
  await assertRecovers(database);
});

test('a statement takes longer than its limit', async () => {
  const database = connect({ statementTimeoutMs: 200 });
  await assertUnavailable(() => run(database, 'select pg_sleep(5)'));
});

test('a transaction stands still for longer than its limit', async () => {
  const database = connect({ statementTimeoutMs: 100 });
  await assertUnavailable(() =>
    database.transaction().execute(async (transaction) => {
      await sql`select 1`.execute(transaction);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await sql`select 1`.execute(transaction);
    }),
  );
});

test('a lock is not to be had', async () => {
  const database = connect();
  await run(database, 'create table locked (id int8)');
  await database.transaction().execute(async (transaction) => {
    await sql`lock table locked`.execute(transaction);
    await assertUnavailable(() => run(database, 'do $$ begin lock table locked nowait; end $$'));
  });
});

test('the pool is empty for too long', async () => {
  const database = connect({ poolMax: 1 });
  await database.transaction().execute(async (transaction) => {
    await sql`select 1`.execute(transaction);
    await assertUnavailable(() => run(database, 'select 1'));
  });
});

test('the server has no connection left', async () => {
  const url = postgres.urlOf('plain', 'p');
  const databases = Array.from({ length: 12 }, () => connect({ url, poolMax: 1 }));
  const outcomes = await Promise.allSettled(databases.map((database) => run(database, 'select 1')));
  const refused = outcomes.find((outcome) => outcome.status === 'rejected');
  assert.ok(refused !== undefined);
  await assertUnavailable(() => Promise.reject(refused.reason));
  await Promise.all(databases.map((database) => database.destroy()));
});

test('the server takes no writes', async () => {
  const database = connect();
  await assertUnavailable(() =>
    database.transaction().execute(async (transaction) => {
      await sql`set transaction read only`.execute(transaction);
      await sql`create table no (id int8)`.execute(transaction);
    }),
  );
});

test('the server hangs: the answer comes within the limit, and all goes on when it is back', async () => {
  const database = connect({ statementTimeoutMs: 200 });
  await run(database, 'select 1');
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database);
  const pid = rows[0]?.pid as number;
  process.kill(pid, 'SIGSTOP');
  const started = performance.now();
  try {
    await assertUnavailable(() => run(database, 'select 1'));
    assert.ok(performance.now() - started < 3_000);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await assertRecovers(database);
});

test('the server is killed under a query, away, starting, and back', async () => {
  const database = connect();
  const asked = run(database, 'select pg_sleep(10)');
  const cut = assertUnavailable(() => asked);
  await run(database, 'select 1');
  await postgres.kill();
  await cut;
  await assertUnavailable(() => run(database, 'select 1'));
  await postgres.start();
  await assertRecovers(database);
});

test('a pool that was closed', async () => {
  const database = connect();
  await run(database, 'select 1');
  await database.destroy();
  await assertUnavailable(() => run(database, 'select 1'));
});

test('a wrong statement, a wrong value and a wrong password are no matter of availability', async () => {
  const database = connect();
  await run(database, 'create table strict (id int8 primary key check (id > 0))');
  await run(database, 'insert into strict values (1)');
  const wrong = [
    'selec 1',
    'select * from absent',
    'insert into strict values (1)',
    'insert into strict values (-1)',
  ];
  for (const statement of [...wrong, 'select 1 / 0', "select 'x'::int8"]) {
    const fault: unknown = await run(database, statement).catch((reason: unknown) => reason);
    assert.ok(fault instanceof Error && !isUnavailable(fault), statement);
    await assert.rejects(
      withDatabase(() => Promise.reject(fault)),
      fault,
    );
  }
  const stranger = connect({ url: postgres.urlOf('plain', 'guess') });
  assert.ok(!isUnavailable(await run(stranger, 'select 1').catch((reason: unknown) => reason)));
});
