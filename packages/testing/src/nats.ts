import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { type BusUser, natsServerConfig, provisionerBusUser, serviceBusUser } from '@strongroom/bus';
import { services } from '@strongroom/contracts';
import { SecretString } from '@strongroom/secret';
import type { TestTls } from './certificate.ts';
import { startOnFreePort } from './free-port.ts';
import { startServerProcess } from './server-process.ts';
import { makeTemporaryDirectory } from './temporary-directory.ts';
import { findTool } from './tool.ts';

export interface TestNatsOptions {
  /** Beside the services and the provisioner, which are always there. */
  readonly users?: readonly Omit<BusUser, 'publicKey'>[];
  /** Durable consumers of events that a service may read from. */
  readonly consumers?: Readonly<Record<string, readonly string[]>>;
  readonly tls?: TestTls;
}

export interface TestNats {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** nkey seed of a service, of `provisioner`, or of a user of the options. */
  seedOf(user: string): SecretString;
  /** The last lines of the server's log. */
  output(): readonly string[];
  stop(): Promise<void>;
  /** As a crash; `start` brings it back on the same port with what it had stored. */
  kill(): Promise<void>;
  start(): Promise<void>;
  pause(): void;
  resume(): void;
}

/** A real nats-server with JetStream on a free port of the loopback interface, configured as in production. */
export async function startNats({
  users = [],
  consumers = {},
  tls,
}: TestNatsOptions = {}): Promise<TestNats> {
  const directory = await makeTemporaryDirectory('nats');
  const seeds = new Map<string, string>();
  const publicKey = (name: string) => {
    const pair = createUser();
    seeds.set(name, new TextDecoder().decode(pair.getSeed()));
    return pair.getPublicKey();
  };
  const known = [
    ...services.map((service) => serviceBusUser(service, publicKey(service), consumers[service] ?? [])),
    provisionerBusUser(publicKey('provisioner')),
    ...users.map((user) => ({ ...user, publicKey: publicKey(user.name) })),
  ];
  const start = async (port: number) => {
    const file = join(directory.path, 'nats.conf');
    const config = natsServerConfig({
      host: '127.0.0.1',
      port,
      users: known,
      ...(tls === undefined ? {} : { tls }),
      jetStream: { directory: join(directory.path, 'jetstream'), fileBytesMax: 1024 * 1024 * 1024 },
    });
    await writeFile(file, config, { mode: 0o600 });
    const server = await startServerProcess({
      name: 'nats-server',
      command: findTool('nats-server', 'STRONGROOM_NATS_SERVER'),
      args: ['--config', file],
      isReadyLine: (line) => line.includes('Server is ready'),
    });
    return { port, server };
  };
  let { port, server } = await startOnFreePort(start);
  return {
    url: `${tls === undefined ? 'nats' : 'tls'}://127.0.0.1:${port}`,
    port,
    get pid() {
      return server.pid;
    },
    seedOf(user) {
      const seed = seeds.get(user);
      if (seed === undefined) throw new TypeError(`no such user of the bus: ${user}`);
      return new SecretString(seed);
    },
    output: () => server.output(),
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
