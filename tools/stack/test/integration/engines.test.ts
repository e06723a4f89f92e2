/** The engines one by one: rights of the users that services get, and servers that run already. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  startNats as startTestNats,
  startPostgres as startTestPostgres,
  startRedis as startTestRedis,
} from '@strongroom/testing';
import pg from 'pg';
import { startNats } from '../../src/engines/nats.ts';
import { type Databases, startPostgres } from '../../src/engines/postgres.ts';
import { startRedis } from '../../src/engines/redis.ts';
import { type Home, homeAt, makeHome } from '../../src/home.ts';
import { StackProblem } from '../../src/stack-problem.ts';
import { Supervisor } from '../../src/supervisor.ts';
import { askRedis } from '../redis-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-engines-'));
const supervisors: Supervisor[] = [];
after(async () => {
  for (const supervisor of supervisors) await supervisor.stop();
  rmSync(folder, { recursive: true });
});

async function makePlace(name: string): Promise<{ home: Home; supervisor: Supervisor }> {
  const home = homeAt(join(folder, name));
  await makeHome(home);
  const supervisor = new Supervisor({ logDir: home.logs, changed: async () => {}, signal: undefined });
  supervisors.push(supervisor);
  return { home, supervisor };
}

async function query(urlFile: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: readFileSync(urlFile, 'utf8').trim() });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

async function assertRolesStayApart({ urlFiles }: Databases): Promise<void> {
  await query(urlFiles.registry, 'CREATE TABLE registry.kept (value text)');
  assert.equal((await query(urlFiles.registry, 'SELECT * FROM registry.kept')).rowCount, 0);
  for (const file of [urlFiles.audit, urlFiles.approvals]) {
    await assert.rejects(query(file, 'SELECT * FROM registry.kept'), /permission denied for schema registry/);
    await assert.rejects(query(file, 'CREATE TABLE public.mine ()'), /permission denied for schema public/);
    await assert.rejects(query(file, 'CREATE SCHEMA mine'), /permission denied for database/);
  }
}

test('each service reaches its own schema and no other; a second start finds it', async () => {
  const { home, supervisor } = await makePlace('postgres');
  const first = await startPostgres(supervisor, home, {});
  await assertRolesStayApart(first);
  await supervisor.stop();
  const next = await makePlace('postgres');
  const second = await startPostgres(next.supervisor, next.home, { earlier: first.url });
  assert.equal(second.url, first.url);
  assert.equal((await query(second.urlFiles.registry, 'SELECT * FROM registry.kept')).rowCount, 0);
});

test('a PostgreSQL that runs already gets the same roles, and no server of ours is started', async (context) => {
  const server = await startTestPostgres();
  context.after(() => server.stop());
  const { home, supervisor } = await makePlace('existing-postgres');
  const databases = await startPostgres(supervisor, home, { existing: { url: server.url, tls: {} } });
  assert.equal(databases.url, server.url);
  assert.deepEqual(supervisor.processes(), {});
  await assertRolesStayApart(databases);
});

async function assertGatewayOnlyCounts(url: string): Promise<void> {
  const ask = (...words: string[]) => askRedis(url, words);
  assert.equal(await ask('INCRBY', 'sr:rate:someone:1', '2'), ':2');
  assert.equal(await ask('PEXPIRE', 'sr:rate:someone:1', '1000'), ':1');
  for (const refused of [
    ['INCRBY', 'other', '1'],
    ['GET', 'sr:rate:someone:1'],
    ['SET', 'sr:rate:someone:1', '0'],
    ['FLUSHALL'],
    ['CONFIG', 'GET', '*'],
    ['EVAL', 'return 1', '0'],
    ['ACL', 'LIST'],
  ]) {
    assert.match(await ask(...refused), /^-NOPERM/, refused.join(' '));
  }
}

test('the gateway counts in Redis and does nothing else there', async (context) => {
  const own = await makePlace('redis');
  const rates = await startRedis(own.supervisor, own.home, {});
  await assertGatewayOnlyCounts(readFileSync(rates.urlFiles.gateway, 'utf8').trim());

  const server = await startTestRedis();
  context.after(() => server.stop());
  const other = await makePlace('existing-redis');
  const existing = await startRedis(other.supervisor, other.home, { existing: { url: server.url, tls: {} } });
  assert.deepEqual(other.supervisor.processes(), {});
  await assertGatewayOnlyCounts(readFileSync(existing.urlFiles.gateway, 'utf8').trim());
});

test('the bus keeps its users over a restart; one that does not know them is told what it needs', async (context) => {
  const own = await makePlace('nats');
  const first = await startNats(own.supervisor, own.home, {});
  assert.deepEqual(Object.keys(first.seedFiles).sort(), [
    'approvals',
    'audit',
    'crypto-worker',
    'gateway',
    'provisioner',
  ]);
  await own.supervisor.restart('nats');
  const seeds = Object.values(first.seedFiles).map((file) => readFileSync(file, 'utf8'));
  const again = await startNats(own.supervisor, own.home, { existing: { url: first.url, tls: {} } });
  assert.deepEqual(
    Object.values(again.seedFiles).map((file) => readFileSync(file, 'utf8')),
    seeds,
  );

  const stranger = await startTestNats();
  context.after(() => stranger.stop());
  const other = await makePlace('existing-nats');
  await assert.rejects(
    startNats(other.supervisor, other.home, { existing: { url: stranger.url, tls: {} } }),
    (problem) =>
      problem instanceof StackProblem && problem.lines.some((line) => line.includes('server.conf')),
  );
});
