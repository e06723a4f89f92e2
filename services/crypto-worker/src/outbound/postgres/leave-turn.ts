/**
 * Whose turn it is to leave a pool and be started again: one worker at a time, for as long as leaving and starting take. The
 * database is a carrier here, too: what it answers wrongly lets workers leave together or never, and decides nothing else.
 */
import { type Kysely, sql } from 'kysely';
import type { RegistryTables } from './registry-tables.ts';

/** Longer than a drain and a start together. */
const turnSeconds = 60;

/** `true`: the turn is this worker's, and nobody else of the pool gets one before it is over. Rejects without a database. */
export async function takeLeaveTurn(
  database: Kysely<RegistryTables>,
  pool: string,
  worker: string,
): Promise<boolean> {
  const { rows } = await sql`
    INSERT INTO leave_turn (pool, worker, ends_at) VALUES (${pool}, ${worker}, now() + make_interval(secs => ${turnSeconds}))
    ON CONFLICT (pool) DO UPDATE SET worker = excluded.worker, ends_at = excluded.ends_at
    WHERE leave_turn.ends_at <= now()
    RETURNING pool`.execute(database);
  return rows.length === 1;
}
