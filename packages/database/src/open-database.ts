/**
 * One pool a process, on one schema. `synchronous_commit` is on whatever the server's default is: what is acknowledged
 * is flushed.
 *
 * Types: `int8` comes as a number where that is exact, and a statement that would need to round fails; `numeric` stays
 * text; `bytea` is a Buffer. Times that are part of evidence are stored as text, since `timestamptz` rounds and reformats.
 */
import { StrongroomError } from '@strongroom/errors';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { connectionTarget, type DatabaseTls } from './connection-tls.ts';

export interface DatabaseOptions {
  /** `postgres://` URL with credentials, from a secret file. */
  readonly url: string;
  readonly tls?: DatabaseTls | undefined;
  readonly schema: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly poolMax: number;
  readonly statementTimeoutMs: number;
  /** A connection in the pool broke; the pool replaces it. */
  readonly onIdleFault: (fault: Error) => void;
}

const connectMsMax = 2_000;
/** The server ends a slow statement; when it hangs itself, we stop waiting a little later. */
const answerSlackMs = 1_000;
/** PostgreSQL 15. */
const versionFloor = 150_000;
const int8Oid = 20;

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === int8Oid ? readInt8 : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

function readInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('a 64-bit number is not a safe integer');
  return value;
}

const schemaPattern = /^[a-z][a-z0-9_]{0,62}$/;

/** The bare pool, for the few places that need one connection of their own. */
export function openPool(options: DatabaseOptions): pg.Pool {
  // It becomes part of the connection's options, which know no quotes.
  if (!schemaPattern.test(options.schema)) throw new TypeError('not a name of a schema');
  const pool = new pg.Pool({
    ...connectionTarget(options.url, options.tls),
    application_name: options.applicationName,
    max: options.poolMax,
    connectionTimeoutMillis: connectMsMax,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + answerSlackMs,
    idle_in_transaction_session_timeout: options.statementTimeoutMs,
    keepAlive: true,
    types,
    options: `-c search_path=${options.schema} -c synchronous_commit=on -c timezone=UTC`,
  });
  // Without a listener a broken connection would end the process. The pool listens only while a connection is idle; one
  // that is in use fails its query, which tells whoever waits for it.
  pool.on('error', options.onIdleFault);
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Closed by `destroy()` of the returned object. */
export function openDatabase<Schema>(options: DatabaseOptions): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool: openPool(options) }) });
}

/** Throws `configuration-invalid` for a server below the floor. */
export async function checkServerVersion<Schema>(database: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ server_version_num: string }>`SHOW server_version_num`.execute(database);
  assertVersionAccepted(Number(rows[0]?.server_version_num));
}

/** `version` as the server counts it: 150004 is 15.4. */
export function assertVersionAccepted(version: number): void {
  if (version >= versionFloor) return;
  throw new StrongroomError('configuration-invalid', {
    detail: `PostgreSQL 15 or later is needed, found ${version}`,
  });
}
