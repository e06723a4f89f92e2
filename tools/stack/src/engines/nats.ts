/** nats-server with one user for each service, each with its own nkey and the allow-list that its part in the catalogue gives it. */
import { join } from 'node:path';
import { createUser, fromSeed } from '@nats-io/nkeys';
import {
  type BusTls,
  type BusUser,
  connectBus,
  natsServerConfig,
  provisioner,
  provisionerBusUser,
  serviceBusUser,
} from '@strongroom/bus';
import { services } from '@strongroom/contracts';
import { findTool } from '@strongroom/testing';
import type { Home } from '../home.ts';
import { replaceFile, secretFile } from '../material/secret-file.ts';
import { isListening, portOf } from '../process/port.ts';
import { StackProblem } from '../stack-problem.ts';
import { type Supervisor, tier } from '../supervisor.ts';
import type { ExistingServer } from './existing-server.ts';

const readyMsMax = 15_000;
const fileBytesMax = 1024 ** 3;

/** A user beside the services, such as one that may listen to everything. */
export type ExtraBusUser = Omit<BusUser, 'publicKey'>;

export interface BusServer {
  readonly url: string;
  /** User → file with its nkey seed. */
  readonly seedFiles: Readonly<Record<string, string>>;
  readonly tls: BusTls;
}

export async function startNats(
  supervisor: Supervisor,
  home: Home,
  options: {
    existing?: ExistingServer | undefined;
    earlier?: string | undefined;
    extraUsers?: readonly ExtraBusUser[] | undefined;
  },
): Promise<BusServer> {
  const { existing } = options;
  const { writeConfig, configFile, seedFiles } = await makeBusUsers(home, options.extraUsers);
  if (existing !== undefined) await writeConfig(portOf(existing.url) ?? 4222);
  const url =
    existing?.url ?? (await startServer(supervisor, configFile, portOf(options.earlier), writeConfig));
  const server = { url, seedFiles, tls: existing?.tls ?? {} };
  await provisionStream(server, configFile);
  return server;
}

/** The users with their keys, and the configuration that makes a server know them. */
export async function makeBusUsers(home: Home, extraUsers: readonly ExtraBusUser[] = []) {
  const seedFiles: Record<string, string> = {};
  const publicKeyOf = async (name: string) => {
    const file = join(home.secrets, `nats-${name}.seed`);
    seedFiles[name] = file;
    const seed = await secretFile(file, () => new TextDecoder().decode(createUser().getSeed()));
    return fromSeed(new TextEncoder().encode(seed)).getPublicKey();
  };
  const users: BusUser[] = [provisionerBusUser(await publicKeyOf(provisioner))];
  for (const service of services) users.push(serviceBusUser(service, await publicKeyOf(service)));
  for (const user of extraUsers) users.push({ ...user, publicKey: await publicKeyOf(user.name) });

  const configFile = join(home.nats, 'server.conf');
  const config = (port: number) =>
    natsServerConfig({
      host: '127.0.0.1',
      port,
      users,
      jetStream: { directory: join(home.nats, 'jetstream'), fileBytesMax },
    });
  return {
    seedFiles,
    configFile,
    config,
    writeConfig: (port: number) => replaceFile(configFile, config(port)),
  };
}

async function startServer(
  supervisor: Supervisor,
  configFile: string,
  wanted: number | undefined,
  writeConfig: (port: number) => Promise<void>,
): Promise<string> {
  const command = findTool('nats-server', 'STRONGROOM_NATS_SERVER');
  const port = await supervisor.startServer('nats', wanted, async (chosen) => {
    await writeConfig(chosen);
    return {
      name: 'nats',
      tier: tier.engine,
      command,
      args: ['--config', configFile],
      env: {},
      isReady: () => isListening(chosen),
      readyMsMax,
    };
  });
  return `nats://127.0.0.1:${port}`;
}

/** The stream of events is made at set-up: no service has the right to make one. */
async function provisionStream({ url, seedFiles, tls }: BusServer, configFile: string): Promise<void> {
  const seedFile = seedFiles[provisioner] ?? '';
  const seed = await secretFile(seedFile, () => {
    throw new StackProblem(`${seedFile} is gone`);
  });
  const bus = await connectBus({ url, service: provisioner, seed, name: 'strongroom-stack', tls }).catch(
    (fault: Error) => {
      throw new StackProblem(`the bus at ${url} does not take the stack's own user: ${fault.message}`, [
        `a server that is not ours has to run with the accounts of ${configFile}`,
        '`npm start -- --needs` shows everything that existing servers need',
      ]);
    },
  );
  try {
    await bus.ensureStream();
  } finally {
    await bus.close();
  }
}
