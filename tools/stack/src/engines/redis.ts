/** redis-server without persistence: it holds rate counters. One user for each service that uses it, with that service's commands. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findTool } from '@strongroom/testing';
import type { Home } from '../home.ts';
import { passwordIn, replaceFile } from '../material/secret-file.ts';
import { isListening, portOf } from '../process/port.ts';
import { StackProblem } from '../stack-problem.ts';
import { type Supervisor, tier } from '../supervisor.ts';

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
}

export async function startRedis(
  supervisor: Supervisor,
  home: Home,
  { existing, earlier }: { existing?: string | undefined; earlier?: string | undefined },
): Promise<RateStore> {
  const password = await passwordIn(home.secrets, 'redis-gateway');
  const rules = `gateway reset on >${password} ${serviceRules.gateway}`;
  const url = existing ?? (await startServer(supervisor, home, portOf(earlier), rules));
  if (existing !== undefined) await setUser(existing, rules);
  const own = new URL(url);
  own.username = 'gateway';
  own.password = password;
  const file = join(home.secrets, 'redis-gateway.url');
  await replaceFile(file, own.href);
  return { url, urlFiles: { gateway: file } };
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
async function setUser(url: string, rules: string): Promise<void> {
  const { hostname, port, username, password } = new URL(url);
  const socket = connect(Number(port) || 6379, hostname);
  await once(socket, 'connect');
  try {
    if (password !== '') {
      await ask(socket, ['AUTH', ...(username === '' ? [] : [username]), decodeURIComponent(password)]);
    }
    await ask(socket, ['ACL', 'SETUSER', ...rules.split(' ')]);
  } finally {
    socket.destroy();
  }
}

async function ask(socket: ReturnType<typeof connect>, words: readonly string[]): Promise<void> {
  socket.write(
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  const text = answer.toString('utf8').trim();
  if (!text.startsWith('+OK')) throw new StackProblem(`the existing Redis refused ${words[0]}: ${text}`);
}
