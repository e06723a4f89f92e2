/**
 * Which processes answer from this registry. A process enters before its first look at the records, so a commit that does
 * not find it listed was made before that look; and it answers only while its listing is surely valid at the database, so
 * whoever is no longer listed refuses. The rows are as untrusted as all rows: who holds the database can hide one, as it
 * can keep the newest head from a process, and gains by it the moment until that process looks by itself.
 */
import { newRequestId } from '@strongroom/contracts';
import { withDatabase } from '@strongroom/database';
import { type Kysely, sql } from 'kysely';
import type { RegistryClock } from './registry-clock.ts';
import type { RegistryTables } from './registry-tables.ts';

/** By the clock of the database. */
const listedForMs = 10_000;
/** By the clock of the process, from before it asked; what is left to 10 s is for clocks that run apart. */
export const listedForSureMs = 8_000;
const renewEveryMs = 1_000;

const listedFor = sql<Date>`now() - interval '${sql.raw(String(listedForMs))} milliseconds'`;

export class ReaderRoster {
  /** Of this process, for as long as it runs. */
  readonly name = newRequestId();
  readonly #database: Kysely<RegistryTables>;
  readonly #clock: RegistryClock;
  #renewedAtMs = Number.NEGATIVE_INFINITY;

  constructor(database: Kysely<RegistryTables>, clock: RegistryClock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Enters, or stays. Answers when this was asked for the last time that it was done. */
  async keep(): Promise<number> {
    const askedAtMs = this.#clock.monotonicMs();
    if (askedAtMs - this.#renewedAtMs < renewEveryMs) return this.#renewedAtMs;
    const seen = { name: this.name, seen_at: sql<Date>`now()` };
    const enter = this.#database.insertInto('reader').values(seen);
    const query = enter.onConflict((row) => row.column('name').doUpdateSet({ seen_at: seen.seen_at }));
    await withDatabase(() => query.execute());
    this.#renewedAtMs = askedAtMs;
    return askedAtMs;
  }

  async others(): Promise<readonly string[]> {
    const listed = this.#database.selectFrom('reader').select('name').where('seen_at', '>', listedFor);
    const rows = await withDatabase(() => listed.where('name', '!=', this.name).execute());
    return rows.map(({ name }) => name);
  }

  /** For a process that answers nobody any more. */
  async leave(): Promise<void> {
    const own = this.#database.deleteFrom('reader').where('name', '=', this.name);
    await withDatabase(() => own.execute());
  }

  /** Takes out who has not been there for long. */
  async purge(): Promise<void> {
    const gone = this.#database.deleteFrom('reader').where('seen_at', '<=', listedFor);
    await withDatabase(() => gone.execute());
  }
}
