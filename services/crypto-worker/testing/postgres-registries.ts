/** Registries on a real PostgreSQL: a schema for each test, any number of workers on it, and the attacker's access. */
import { randomBytes } from 'node:crypto';
import type { DomainEvent } from '@strongroom/contracts';
import { migrate, openDatabase } from '@strongroom/database';
import type { TestPostgres } from '@strongroom/testing';
import { type Kysely, sql } from 'kysely';
import type { HeadReference } from '../src/domain/registry/head.ts';
import { PostgresRegistry } from '../src/outbound/postgres/postgres-registry.ts';
import type { RegistryAlert } from '../src/outbound/postgres/registry-alert.ts';
import { type RegistryClock, systemRegistryClock } from '../src/outbound/postgres/registry-clock.ts';
import { registryMigrations } from '../src/outbound/postgres/registry-migrations.ts';
import type { RegistryTables } from '../src/outbound/postgres/registry-tables.ts';

const keys = { mac: new Uint8Array(32).fill(1), outcome: new Uint8Array(32).fill(2) };

export interface WorkerOptions {
  readonly anchor?: HeadReference | undefined;
  readonly clock?: RegistryClock;
  readonly cacheBytesMax?: number;
  /** Another way to the same server. */
  readonly url?: string;
}

/** One worker's registry and what it reported. */
export interface TestWorker {
  readonly registry: PostgresRegistry;
  readonly alerts: RegistryAlert[];
  readonly database: Kysely<RegistryTables>;
}

export class RegistrySchema implements AsyncDisposable {
  readonly #postgres: TestPostgres;
  readonly #schema: string;
  readonly #databases: Kysely<RegistryTables>[] = [];
  /** With all rights, as who holds the database. */
  readonly attacker: Kysely<RegistryTables>;

  private constructor(postgres: TestPostgres, schema: string) {
    this.#postgres = postgres;
    this.#schema = schema;
    this.attacker = this.#connect();
  }

  static async create(postgres: TestPostgres): Promise<RegistrySchema> {
    const schema = `registry_${randomBytes(6).toString('hex')}`;
    await postgres.run(`create schema ${schema}`);
    const created = new RegistrySchema(postgres, schema);
    await migrate(created.attacker, schema, registryMigrations);
    return created;
  }

  async worker(options: WorkerOptions = {}): Promise<TestWorker> {
    const alerts: RegistryAlert[] = [];
    const database = this.#connect(options.url);
    const registry = await PostgresRegistry.open({
      database,
      tenant: 'default',
      keys,
      anchor: options.anchor,
      clock: options.clock ?? systemRegistryClock,
      onAlert: (alert) => alerts.push(alert),
      ...(options.cacheBytesMax !== undefined && { cacheBytesMax: options.cacheBytesMax }),
    });
    return { registry, alerts, database };
  }

  /** Copies of all tables, to restore later. */
  async dump(): Promise<Dump> {
    const schema = `${this.#schema}_${randomBytes(4).toString('hex')}`;
    await this.#postgres.run(`create schema ${schema}`);
    for (const table of tables)
      await this.#postgres.run(`create table ${schema}.${table} as table ${this.#schema}.${table}`);
    const restore = async (...some: readonly string[]) => {
      const restored = some.length === 0 ? tables : some;
      const statements = restored.map(
        (table) =>
          `truncate ${this.#schema}.${table}; insert into ${this.#schema}.${table} table ${schema}.${table}`,
      );
      await this.#postgres.run(`begin; ${statements.join('; ')}; commit`);
    };
    return { schema, restore };
  }

  /** SQL in the schema of the registry. */
  async attack(statement: string): Promise<void> {
    await sql.raw(statement).execute(this.attacker);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const database of this.#databases) await database.destroy();
  }

  #connect(url = this.#postgres.url): Kysely<RegistryTables> {
    const database = openDatabase<RegistryTables>({
      url,
      schema: this.#schema,
      applicationName: 'registry-test',
      poolMax: 4,
      statementTimeoutMs: 5_000,
      onIdleFault: () => {},
    });
    this.#databases.push(database);
    return database;
  }
}

const tables = ['head', 'link', 'page', 'bucket', 'record', 'outcome', 'intent'] as const;

export interface Dump {
  readonly schema: string;
  /** Puts tables back as they were; without names all of them. */
  restore(...tables: readonly string[]): Promise<void>;
}

/** Events that wait for publication, in order. */
export async function readOutbox(database: Kysely<RegistryTables>): Promise<readonly DomainEvent[]> {
  const rows = await database.selectFrom('outbox').select('event').orderBy('sequence').execute();
  return rows.map(({ event }) => JSON.parse(event) as DomainEvent);
}
