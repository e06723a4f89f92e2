import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestTls } from './certificate.ts';
import { startOnFreePort } from './free-port.ts';
import { startServerProcess } from './server-process.ts';
import { makeTemporaryDirectory } from './temporary-directory.ts';
import { findTool } from './tool.ts';

export interface RedisUser {
  readonly name: string;
  readonly password: string;
  /** Rules of an ACL user, such as `~rate:* +incrby +pexpire`. */
  readonly rules: string;
}

export interface TestRedis {
  /** Of the user with every right, for the test itself. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  urlOf(user: RedisUser): string;
  stop(): Promise<void>;
  /** As a crash. Nothing is kept: `start` brings an empty server. */
  kill(): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
}

/** A real redis-server without persistence on a free port of the loopback interface. */
export async function startRedis({
  users = [],
  tls,
}: {
  users?: readonly RedisUser[];
  /** Then it speaks nothing else. */
  tls?: TestTls;
} = {}): Promise<TestRedis> {
  const directory = await makeTemporaryDirectory('redis');
  const admin: RedisUser = { name: 'test', password: randomBytes(16).toString('hex'), rules: '~* &* +@all' };
  const start = async (port: number) => {
    const file = join(directory.path, 'redis.conf');
    const lines = [
      ...(tls === undefined ? [`port ${port}`] : tlsLines(port, tls)),
      'bind 127.0.0.1',
      `dir ${directory.path}`,
      'save ""',
      'appendonly no',
      'user default off',
      ...[admin, ...users].map((user) => `user ${user.name} on >${user.password} ${user.rules}`),
    ];
    await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    const server = await startServerProcess({
      name: 'redis-server',
      command: findTool('redis-server', 'STRONGROOM_REDIS_SERVER'),
      args: [file],
      isReadyLine: (line) => line.includes('Ready to accept connections'),
    });
    return { port, server };
  };
  let { port, server } = await startOnFreePort(start);
  const urlOf = (user: RedisUser) =>
    `${tls === undefined ? 'redis' : 'rediss'}://${user.name}:${user.password}@127.0.0.1:${port}`;
  return {
    url: urlOf(admin),
    port,
    get pid() {
      return server.pid;
    },
    urlOf,
    async stop() {
      await server.stop();
      await directory.remove();
    },
    kill: () => server.kill(),
    async start() {
      ({ port, server } = await start(port));
    },
    pause: () => server.pause(),
    resume: () => server.resume(),
  };
}

const tlsLines = (port: number, { certFile, keyFile, clientCaFile }: TestTls): string[] => [
  'port 0',
  `tls-port ${port}`,
  `tls-cert-file ${certFile}`,
  `tls-key-file ${keyFile}`,
  `tls-auth-clients ${clientCaFile === undefined ? 'no' : 'yes'}`,
  // It wants an authority even where it asks nobody for a certificate.
  `tls-ca-cert-file ${clientCaFile ?? certFile}`,
];
