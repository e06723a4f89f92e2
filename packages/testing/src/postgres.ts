import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { TestTls } from './certificate.ts';
import { startOnFreePort } from './free-port.ts';
import {
  asPostgresUser,
  findPostgresBinaries,
  giveToPostgresUser,
  type PostgresBinaries,
} from './postgres-binaries.ts';
import { runProgram, type ServerProcess, startServerProcess } from './server-process.ts';
import { makeTemporaryDirectory } from './temporary-directory.ts';

export interface TestPostgres {
  /** Of the superuser, for the test itself; its database is empty. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Its data directory, which a test may copy and replace while the server is not running. */
  readonly data: string;
  urlOf(user: string, password: string, database?: string): string;
  /** Runs statements as the superuser, in one simple query. */
  run(sql: string, database?: string): Promise<pg.QueryResult>;
  stop(): Promise<void>;
  /** As a crash; `start` brings it back on the same port with what it had committed. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops every process of it: what is connected gets no answer, and nothing is closed. */
  pause(): void;
  resume(): void;
}

const superuser = 'test_superuser';
const databaseDefault = 'strongroom';

/**
 * A real PostgreSQL with a fresh cluster on a free port of the loopback interface. Commits are not flushed to the
 * disk: that only matters when the machine loses power, and tests kill processes, not machines.
 */
export async function startPostgres({
  settings = {},
  environment = {},
  tls,
}: {
  settings?: Readonly<Record<string, string>>;
  /** Of the server's processes. */
  environment?: Readonly<Record<string, string>>;
  /** Then it takes nothing else, but from the superuser of `run`. */
  tls?: TestTls;
} = {}): Promise<TestPostgres> {
  const binaries = await findPostgresBinaries();
  const password = randomBytes(16).toString('hex');
  const directory = await makeTemporaryDirectory('postgres');
  await giveToPostgresUser(directory.path);
  const data = join(directory.path, 'data');
  await createCluster(binaries, data, password);
  const configured = { ...settings, ...(tls === undefined ? {} : await tlsSettings(data, tls)) };
  const options = (port: number) => optionsOf(port, configured);
  const start = async (port: number) => ({
    port,
    server: await startServer(asPostgresUser(binaries.postgres, ['-D', data, ...options(port)]), environment),
  });
  let { port, server } = await startOnFreePort(start);
  const urlOf = (user: string, secret: string, database = databaseDefault) =>
    `postgresql://${user}:${encodeURIComponent(secret)}@127.0.0.1:${port}/${database}`;
  const run = (sql: string, database?: string) => runOnce(urlOf(superuser, password, database), sql);
  await run(`create database ${databaseDefault}`, 'postgres');
  const resume = () => {
    signalChildren(server.pid, 'SIGCONT');
    server.resume();
  };
  return {
    url: urlOf(superuser, password),
    port,
    data,
    get pid() {
      return server.pid;
    },
    urlOf,
    run,
    async stop() {
      resume();
      await server.stop();
      await directory.remove();
    },
    kill: () => server.kill(),
    async start() {
      ({ port, server } = await start(port));
    },
    pause() {
      server.pause();
      signalChildren(server.pid, 'SIGSTOP');
    },
    resume,
  };
}

/** A connection is a process of its own, and in a process group of its own. */
function signalChildren(pid: number, signal: NodeJS.Signals): void {
  for (const child of childrenOf(pid)) {
    try {
      process.kill(child, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').map(Number).filter(Boolean);
  } catch {
    return [];
  }
}

async function createCluster(binaries: PostgresBinaries, data: string, password: string): Promise<void> {
  const passwordFile = `${data}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  await giveToPostgresUser(passwordFile);
  await mkdir(data, { mode: 0o700 });
  await giveToPostgresUser(data);
  const { command, args } = asPostgresUser(binaries.initdb, [
    ...['--pgdata', data, '--username', superuser, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    ...['--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
  ]);
  await runProgram(command, args, { TZ: 'UTC' });
}

/** The server wants its key to be its own, and says in a file of rules who has to come over TLS. */
async function tlsSettings(data: string, { clientCaFile, ...server }: TestTls) {
  const wanted = { ...server, ...(clientCaFile === undefined ? {} : { clientCaFile }) };
  const own: Record<string, string> = {};
  for (const [name, file] of Object.entries(wanted)) {
    own[name] = `${data}.${name}`;
    await copyFile(file, own[name]);
    await chmod(own[name], 0o600);
    await giveToPostgresUser(own[name]);
  }
  const clientRule = clientCaFile === undefined ? '' : ' clientcert=verify-ca';
  const rules = `${data}.hba`;
  await writeFile(
    rules,
    [
      `host all ${superuser} 127.0.0.1/32 scram-sha-256`,
      `hostssl all all 127.0.0.1/32 scram-sha-256${clientRule}`,
      '',
    ].join('\n'),
  );
  await giveToPostgresUser(rules);
  return {
    ssl: 'on',
    ssl_cert_file: own['certFile'] ?? '',
    ssl_key_file: own['keyFile'] ?? '',
    ...(clientCaFile === undefined ? {} : { ssl_ca_file: own['clientCaFile'] ?? '' }),
    hba_file: rules,
  };
}

function optionsOf(port: number, settings: Readonly<Record<string, string>>): string[] {
  const configured: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
    max_connections: '60',
    shared_buffers: '32MB',
    ...settings,
  };
  return Object.entries(configured).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function startServer(
  commandLine: ReturnType<typeof asPostgresUser>,
  environment: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  return startServerProcess({
    name: 'postgres',
    ...commandLine,
    environment: { TZ: 'UTC', ...environment },
    isReadyLine: (line) => line.includes('database system is ready to accept connections'),
    stopSignal: 'SIGINT',
  });
}

async function runOnce(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
