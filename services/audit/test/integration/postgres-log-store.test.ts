import { after, before } from 'node:test';
import { startPostgres, type TestPostgres } from '@strongroom/testing';
import { logStoreContract } from '../../testing/log-store-contract.ts';
import { createPostgresLog, durable, openPostgresLog, type PostgresLog } from '../../testing/postgres-log.ts';

let postgres: TestPostgres;
const opened: PostgresLog[] = [];

before(async () => {
  postgres = await startPostgres({ settings: durable });
});

after(async () => {
  for (const { database } of opened) await database.close();
  await postgres.stop();
});

logStoreContract('PostgreSQL', async () => {
  await createPostgresLog(postgres);
  const log = await openPostgresLog(postgres.url);
  opened.push(log);
  return log;
});
