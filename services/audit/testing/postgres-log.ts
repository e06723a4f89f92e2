/** A fresh log on a real PostgreSQL, and the hands of somebody who holds the database. */
import type { TestPostgres } from '@strongroom/testing';
import { type AuditDatabase, openAuditDatabase } from '../src/outbound/postgres/audit-database.ts';
import { makeCheckpointStore } from '../src/outbound/postgres/checkpoint-store.ts';
import { makeEntryReader } from '../src/outbound/postgres/entry-reader.ts';
import { makeLogStore } from '../src/outbound/postgres/log-store.ts';
import { makeOldEntries } from '../src/outbound/postgres/old-entries.ts';
import type { StoresUnderTest } from './scribe.ts';

/** Receipts promise what is flushed, so the service refuses a server that does not. */
export const durable = { fsync: 'on' } as const;

export interface PostgresLog extends StoresUnderTest {
  readonly database: AuditDatabase;
}

export async function createPostgresLog(postgres: TestPostgres): Promise<void> {
  await postgres.run('DROP SCHEMA IF EXISTS audit CASCADE; CREATE SCHEMA audit');
}

/** Connections of one writer process; several may stand on the same log. */
export async function openPostgresLog(url: string): Promise<PostgresLog> {
  const database = openAuditDatabase({ url, onIdleFault: () => undefined });
  await database.prepare();
  return {
    database,
    store: makeLogStore(database.writing),
    checkpoints: makeCheckpointStore(database.writing),
    reader: makeEntryReader(database.reading),
    oldEntries: makeOldEntries(database.reading),
  };
}
