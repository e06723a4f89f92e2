/**
 * Forward-only migrations of one schema. Each runs once, in its own transaction, under a lock that all processes share;
 * one that was changed after it ran is refused, because then the tables are not what the code believes.
 */
import { createHash } from 'node:crypto';
import { StrongroomError } from '@strongroom/errors';
import { type Kysely, sql, type Transaction } from 'kysely';

export interface Migration {
  /** `0001-what-it-makes`; the order is the order of the list. */
  readonly name: string;
  /** Statements, separated by semicolons. */
  readonly up: string;
}

const ledger =
  'CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())';
/** Any number that every process of the platform agrees on. */
const lockNumber = 7_302_011;

/**
 * The time limits of the pool hold for each statement and for the wait while another process migrates: work on large
 * tables wants a pool of its own. Returns the names of what was applied now.
 * Throws `configuration-invalid` for a changed or missing migration.
 */
export async function migrate<Schema>(
  database: Kysely<Schema>,
  schema: string,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  const names = new Set(migrations.map(({ name }) => name));
  if (names.size !== migrations.length) throw new TypeError('two migrations have the same name');
  const applied: string[] = [];
  for (const [at, migration] of migrations.entries()) {
    const isNew = await database.transaction().execute(async (transaction) => {
      await sql`SELECT pg_advisory_xact_lock(${lockNumber}, hashtext(${schema}))`.execute(transaction);
      await sql.raw(ledger).execute(transaction);
      return applyOnce(transaction, migrations, at, migration);
    });
    if (isNew) applied.push(migration.name);
  }
  return applied;
}

async function applyOnce<Schema>(
  transaction: Transaction<Schema>,
  migrations: readonly Migration[],
  at: number,
  migration: Migration,
): Promise<boolean> {
  const { rows } = await sql<{
    name: string;
    checksum: string;
  }>`SELECT name, checksum FROM migration ORDER BY name`.execute(transaction);
  const known = new Set(migrations.map(({ name }) => name));
  const foreign = rows.find(({ name }) => !known.has(name));
  if (foreign !== undefined) refuse(`the schema is newer than this program: ${foreign.name}`);
  const checksum = createHash('sha256').update(migration.up).digest('hex');
  const done = rows.find(({ name }) => name === migration.name);
  if (done !== undefined) {
    if (done.checksum !== checksum) refuse(`migration ${migration.name} was changed after it was applied`);
    return false;
  }
  if (rows.length !== at) refuse(`migration ${migration.name} is out of order`);
  await sql.raw(migration.up).execute(transaction);
  await sql`INSERT INTO migration (name, checksum) VALUES (${migration.name}, ${checksum})`.execute(
    transaction,
  );
  return true;
}

function refuse(detail: string): never {
  throw new StrongroomError('configuration-invalid', { detail });
}
