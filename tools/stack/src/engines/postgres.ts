/** Real PostgreSQL: one database, and for each service a role that owns one schema and reaches no other. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootstrapStatements, connectionTarget, type DatabaseTls } from '@strongroom/database';
import { asPostgresUser, findPostgresBinaries, giveToPostgresUser } from '@strongroom/testing';
import pg from 'pg';
import type { Home } from '../home.ts';
import { passwordIn, replaceFile } from '../material/secret-file.ts';
import { runToEnd } from '../process/managed-process.ts';
import { portOf } from '../process/port.ts';
import { type Supervisor, tier } from '../supervisor.ts';
import type { ExistingServer } from './existing-server.ts';

const superuser = 'strongroom_admin';
const databaseDefault = 'strongroom';
const maintenanceDatabase = 'postgres';
const readyMsMax = 30_000;

/** Schema, and role that owns it. */
export const schemas = ['registry', 'approvals', 'audit'] as const;
export type Schema = (typeof schemas)[number];

export interface Databases {
  /** Of the superuser. */
  readonly url: string;
  /** File with the URL of each role. */
  readonly urlFiles: Readonly<Record<Schema, string>>;
  readonly tls: DatabaseTls;
}

/** A server of our own, unless `existing` names the database of one that runs: its user may create roles. */
export async function startPostgres(
  supervisor: Supervisor,
  home: Home,
  { existing, earlier }: { existing?: ExistingServer | undefined; earlier?: string | undefined },
): Promise<Databases> {
  const tls = existing?.tls ?? {};
  const url = existing?.url ?? (await startServer(supervisor, home, portOf(earlier)));
  const roles = await Promise.all(
    schemas.map(async (name) => ({ name, password: await passwordIn(home.secrets, `postgres-${name}`) })),
  );
  const database = decodeURIComponent(new URL(url).pathname.slice(1)) || databaseDefault;
  await runStatements(url, bootstrapStatements(database, roles), tls);
  const files = await Promise.all(
    roles.map(async ({ name, password }) => {
      const file = join(home.secrets, `postgres-${name}.url`);
      const own = new URL(url);
      own.username = name;
      own.password = password;
      await replaceFile(file, own.href);
      return [name, file] as const;
    }),
  );
  return { url, tls, urlFiles: Object.fromEntries(files) as Record<Schema, string> };
}

async function startServer(supervisor: Supervisor, home: Home, wanted: number | undefined): Promise<string> {
  const { initdb, postgres } = await findPostgresBinaries();
  const password = await passwordIn(home.secrets, 'postgres');
  const data = await makeCluster(home, initdb, password);
  const urlAt = (port: number, database: string) =>
    `postgresql://${superuser}:${password}@127.0.0.1:${port}/${database}`;
  const port = await supervisor.startServer('postgres', wanted, (chosen) => ({
    name: 'postgres',
    tier: tier.engine,
    ...asPostgresUser(postgres, ['-D', data, ...settings(chosen)]),
    env: {},
    stopSignal: 'SIGINT',
    isReady: async () => {
      await runStatements(urlAt(chosen, maintenanceDatabase), ['SELECT 1']);
      return true;
    },
    readyMsMax,
  }));
  const found = await runStatements(urlAt(port, maintenanceDatabase), [
    `SELECT FROM pg_database WHERE datname = '${databaseDefault}'`,
  ]);
  if (found === 0) {
    await runStatements(urlAt(port, maintenanceDatabase), [`CREATE DATABASE ${databaseDefault}`]);
  }
  return urlAt(port, databaseDefault);
}

const settings = (port: number): string[] =>
  Object.entries({
    listen_addresses: '127.0.0.1',
    port,
    // Sockets would need a folder that other users of the machine see.
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    max_connections: 100,
    shared_buffers: '64MB',
    log_line_prefix: '%m [%p] %q%u ',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** Makes the data folder the first time; one that was left half made is made again. */
async function makeCluster(home: Home, initdb: string, password: string): Promise<string> {
  const data = join(home.postgres, 'data');
  const whole = join(home.postgres, 'initialised');
  await giveToPostgresUser(home.postgres);
  if (existsSync(whole)) return data;
  await rm(data, { recursive: true, force: true });
  await mkdir(data, { mode: 0o700 });
  await giveToPostgresUser(data);
  const passwordFile = join(home.postgres, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await giveToPostgresUser(passwordFile);
  await runToEnd(
    'initdb',
    asPostgresUser(initdb, [
      ...['--pgdata', data, '--username', superuser, '--pwfile', passwordFile],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C.UTF-8', '--no-instructions'],
      // A power cut in this very second leaves a cluster without data: nothing is lost with it.
      '--no-sync',
    ]),
  );
  await rm(passwordFile);
  await writeFile(whole, '');
  return data;
}

/** Returns how many rows the last one found. */
async function runStatements(
  url: string,
  statements: readonly string[],
  tls: DatabaseTls = {},
): Promise<number> {
  const client = new pg.Client({ ...connectionTarget(url, tls), connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    let rows = 0;
    for (const statement of statements) rows = (await client.query(statement)).rowCount ?? 0;
    return rows;
  } finally {
    await client.end();
  }
}
