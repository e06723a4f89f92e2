/** Roles, migrations and connections on a real PostgreSQL. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startPostgres, type TestPostgres } from '@strongroom/testing';
import { type Kysely, sql } from 'kysely';
import {
  bootstrapStatements,
  checkServerVersion,
  type Migration,
  migrate,
  openDatabase,
} from '../../src/index.ts';

const services = [
  { name: 'registry', password: "it's r" },
  { name: 'approvals', password: 'a' },
  { name: 'audit', password: '\\ "$$' },
] as const;
type Service = (typeof services)[number];

let postgres: TestPostgres;
const open: Kysely<unknown>[] = [];

before(async () => {
  // The sessions have to switch it on by themselves.
  postgres = await startPostgres({ settings: { synchronous_commit: 'off' } });
  for (let round = 0; round < 2; round += 1) {
    for (const statement of bootstrapStatements('strongroom', services)) await postgres.run(statement);
  }
});
after(async () => {
  await Promise.all(open.map((database) => database.destroy()));
  await postgres.stop();
});

function sign({ name, password }: Service, statementTimeoutMs = 5_000): Kysely<unknown> {
  const database = openDatabase<unknown>({
    url: postgres.urlOf(name, password),
    schema: name,
    applicationName: `test ${name}`,
    poolMax: 2,
    statementTimeoutMs,
    onIdleFault: () => undefined,
  });
  open.push(database);
  return database;
}

const run = async (database: Kysely<unknown>, statement: string) =>
  (await sql.raw(statement).execute(database)).rows;

test('a service owns its schema, and cannot touch that of another in any way', async () => {
  const databases = services.map((service) => ({ service, database: sign(service) }));
  for (const { database } of databases) {
    await run(database, 'create table own (id int8 primary key, value text)');
    await run(database, "insert into own values (1, 'mine')");
  }
  for (const { service, database } of databases) {
    for (const { name } of services) {
      if (name === service.name) continue;
      const attempts = [
        `select * from ${name}.own`,
        `insert into ${name}.own values (2, 'x')`,
        `update ${name}.own set value = 'x'`,
        `delete from ${name}.own`,
        `truncate ${name}.own`,
        `drop table ${name}.own`,
        `do $$ begin lock table ${name}.own; end $$`,
        `create table ${name}.stray (id int)`,
        `create view view_of_${name} as select * from ${name}.own`,
        `copy ${name}.own to stdout`,
        `grant usage on schema ${name} to ${service.name}`,
        `set role ${name}`,
        `drop schema ${name} cascade`,
      ];
      for (const attempt of attempts) {
        await assert.rejects(
          run(database, attempt),
          { code: /^(42501|42P01)$/ },
          `${service.name}: ${attempt}`,
        );
      }
    }
  }
});

test('a service can neither administer nor reach beyond the database', async () => {
  const database = sign(services[0]);
  const [other] = (await run(sign(services[1]), 'select pg_backend_pid() as pid')) as [{ pid: number }];
  const attempts = [
    `select pg_terminate_backend(${other.pid})`,
    'create role friend',
    'create database other',
    'create schema extra',
    'create table public.stray (id int)',
    'create temporary table stray (id int)',
    "alter role approvals with password 'x'",
    'alter role registry with superuser',
    "copy own to '/tmp/x'",
    "copy own from program 'id'",
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('/')",
    'select rolpassword from pg_authid',
    'create extension plpython3u',
    "alter system set fsync = 'off'",
  ];
  for (const attempt of attempts) {
    await assert.rejects(run(database, attempt), { code: /^(42501|0A000|58P01)$/ }, attempt);
  }
});

test('a wrong password does not get in, and a role that is not ours has no way in', async () => {
  await assert.rejects(run(sign({ ...services[0], password: 'guess' } as unknown as Service), 'select 1'), {
    code: '28P01',
  });
  await postgres.run("create role stranger login password 's'");
  await assert.rejects(run(sign({ name: 'stranger', password: 's' } as unknown as Service), 'select 1'), {
    code: '42501',
  });
});

test('a session commits to the disk, on its own schema, in UTC, within its time limit', async () => {
  const database = sign(services[0], 1_500);
  const show = async (name: string) => Object.values((await run(database, `show ${name}`))[0] as object)[0];
  assert.equal(await show('synchronous_commit'), 'on');
  assert.equal(await show('search_path'), 'registry');
  assert.equal(await show('TimeZone'), 'UTC');
  assert.equal(await show('statement_timeout'), '1500ms');
  assert.equal(await show('idle_in_transaction_session_timeout'), '1500ms');
  assert.equal(await show('application_name'), 'test registry');
  await checkServerVersion(database);
});

test('int8 is a number where that is exact, and an error where it is not', async () => {
  const database = sign(services[0]);
  const one = (value: string) => run(database, `select ${value}::int8 as value`);
  assert.deepEqual(await one('9007199254740991'), [{ value: Number.MAX_SAFE_INTEGER }]);
  assert.deepEqual(await one('-9007199254740991'), [{ value: Number.MIN_SAFE_INTEGER }]);
  assert.deepEqual(await run(database, "select '12'::numeric as value"), [{ value: '12' }]);
  await assert.rejects(one('9007199254740992'), RangeError);
  assert.deepEqual(await one('1'), [{ value: 1 }]);
});

test('a schema name that is none does not become an option of the connection', () => {
  for (const name of ['a b', 'a -c fsync=off', 'A', '', 'a;b']) {
    assert.throws(() => sign({ name, password: 'x' } as unknown as Service), TypeError, name);
    assert.throws(() => bootstrapStatements('strongroom', [{ name, password: 'x' }]), TypeError, name);
  }
});

const first: Migration = {
  name: '0001-first',
  up: 'create table first (id int8); insert into first values (1)',
};
const second: Migration = { name: '0002-second', up: 'alter table first add column more text' };

test('migrations run once, in order, and whichever process comes first', async () => {
  const databases = Array.from({ length: 4 }, () => sign(services[1]));
  const applied = await Promise.all(
    databases.map((database) => migrate(database, 'approvals', [first, second])),
  );
  assert.deepEqual(applied.flat().sort(), [first.name, second.name]);
  assert.equal((await run(databases[0] as Kysely<unknown>, 'select * from first')).length, 1);
  assert.deepEqual(await migrate(sign(services[1]), 'approvals', [first, second]), []);
});

test('a migration that was changed, taken out or put in between is refused, and nothing runs', async () => {
  const database = sign(services[1]);
  const third: Migration = { name: '0003-third', up: 'create table third (id int8)' };
  const wrong: [readonly Migration[], RegExp][] = [
    [[{ ...first, up: `${first.up} ` }, second, third], /0001-first was changed/],
    [[first, third], /newer than this program: 0002-second/],
    [[first], /newer than this program: 0002-second/],
    [[{ name: '0000-zero', up: 'select 1' }, first, second], /0000-zero is out of order/],
  ];
  for (const [migrations, detail] of wrong) {
    await assert.rejects(migrate(database, 'approvals', migrations), {
      code: 'configuration-invalid',
      detail,
    });
  }
  await assert.rejects(migrate(database, 'approvals', [first, first]), TypeError);
  await assert.rejects(run(database, 'select * from third'), { code: '42P01' });
});

test('a migration that fails leaves nothing of itself, and can be mended', async () => {
  const database = sign(services[2]);
  const broken = { name: '0002-broken', up: 'create table half (id int8); select 1 / 0' };
  await assert.rejects(migrate(database, 'audit', [first, broken]), { code: '22012' });
  await assert.rejects(run(database, 'select * from half'), { code: '42P01' });
  const mended = { ...broken, up: 'create table half (id int8)' };
  assert.deepEqual(await migrate(database, 'audit', [first, mended]), ['0002-broken']);
});

test('a role that is there already and may do more than a service is not taken over', async () => {
  await postgres.run('create role keeper createdb');
  const statements = bootstrapStatements('strongroom', [{ name: 'keeper', password: 'k' }]);
  const [making] = statements.filter((statement) => statement.includes('CREATE ROLE'));
  await assert.rejects(postgres.run(making ?? ''), /rights that no service may have/);
});
