/** redis-server without persistence: it holds rate counters. One user for each service that uses it, with that service's commands. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { TlsFiles } from '@strongroom/config';
import { findTool } from '@strongroom/testing';
import type { Home } from '../home.ts';
import { passwordIn, replaceFile } from '../material/secret-file.ts';
import { isListening, portOf } from '../process/port.ts';
import { StackProblem } from '../stack-problem.ts';
import { type Supervisor, tier } from '../supervisor.ts';
import type { ExistingServer } from './existing-server.ts';

const admin = 'admin';
const readyMsMax = 15_000;

/** Counting, and what the client asks when it connects. No scripts, no keys but the counters, no administration. */
const serviceRules = {
  gateway:
    '~sr:rate:* resetchannels -@all +incrby +pexpire +ping +info +hello +auth +client|setname +client|id',
} as const;

export interface RateStore {
  /** Of a user with every right. */
  readonly url: string;
  /** Service → file with the URL of its user. */
  readonly urlFiles: Readonly<Record<keyof typeof serviceRules, string>>;
  readonly tls: TlsFiles;
}

export async function startRedis(
  supervisor: Supervisor,
  home: Home,
  { existing, earlier }: { existing?: ExistingServer | undefined; earlier?: string | undefined },
): Promise<RateStore> {
  const password = await passwordIn(home.secrets, 'redis-gateway');
  const rules = `gateway reset on >${password} ${serviceRules.gateway}`;
  const url = existing?.url ?? (await startServer(supervisor, home, portOf(earlier), rules));
  if (existing !== undefined) await setUser(existing, rules);
  const own = new URL(url);
  own.username = 'gateway';
  own.password = password;
  const file = join(home.secrets, 'redis-gateway.url');
  await replaceFile(file, own.href);
  return { url, urlFiles: { gateway: file }, tls: existing?.tls ?? {} };
}

/** What a server that is not ours needs; the password as the server itself would keep it. */
export async function gatewayAclLine(home: Home): Promise<string> {
  const password = await passwordIn(home.secrets, 'redis-gateway');
  const hash = createHash('sha256').update(password).digest('hex');
  return `ACL SETUSER gateway reset on #${hash} ${serviceRules.gateway}`;
}

async function startServer(
  supervisor: Supervisor,
  home: Home,
  wanted: number | undefined,
  rules: string,
): Promise<string> {
  const password = await passwordIn(home.secrets, 'redis');
  const configFile = join(home.redis, 'redis.conf');
  const command = findTool('redis-server', 'STRONGROOM_REDIS_SERVER');
  const port = await supervisor.startServer('redis', wanted, async (chosen) => {
    const lines = [
      `port ${chosen}`,
      'bind 127.0.0.1',
      `dir ${JSON.stringify(home.redis)}`,
      'save ""',
      'appendonly no',
      'maxmemory 64mb',
      'maxmemory-policy allkeys-lru',
      'user default off',
      `user ${admin} on >${password} ~* &* +@all`,
      `user ${rules}`,
    ];
    await replaceFile(configFile, lines.join('\n'));
    return {
      name: 'redis',
      tier: tier.engine,
      command,
      args: [configFile],
      env: {},
      isReady: () => isListening(chosen),
      readyMsMax,
    };
  });
  return `redis://${admin}:${password}@127.0.0.1:${port}`;
}

/** Makes the user on a server that is not ours. Plain RESP over a socket: two commands do not need a client. */
async function setUser(server: ExistingServer, rules: string): Promise<void> {
  const { username, password } = new URL(server.url);
  const socket = await dial(server);
  try {
    if (password !== '') {
      await ask(socket, [
        'AUTH',
        ...[username, password].filter((word) => word !== '').map(decodeURIComponent),
      ]);
    }
    await ask(socket, ['ACL', 'SETUSER', ...rules.split(' ')]);
  } finally {
    socket.destroy();
  }
}

async function dial({ url, tls }: ExistingServer): Promise<Socket> {
  const { protocol, hostname: host, port } = new URL(url);
  const place = { host, port: Number(port) || 6379 };
  if (protocol !== 'rediss:') {
    const socket = connect(place);
    await once(socket, 'connect');
    return socket;
  }
  const read = (file: string | undefined) => (file === undefined ? undefined : readFile(file));
  const [ca, cert, key] = await Promise.all([tls.caFile, tls.certFile, tls.keyFile].map(read));
  const socket = connectTls({ ...place, ca, cert, key });
  await once(socket, 'secureConnect');
  return socket;
}

async function ask(socket: Socket, words: readonly string[]): Promise<void> {
  socket.write(
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  const text = answer.toString('utf8').trim();
  if (!text.startsWith('+OK')) throw new StackProblem(`the existing Redis refused ${words[0]}: ${text}`);
}
