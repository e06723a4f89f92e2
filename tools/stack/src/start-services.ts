import { join } from 'node:path';
import { portOf } from './process/port.ts';
import { readStatus } from './service-status.ts';
import {
  environmentOf,
  gatewayUrl,
  type Parts,
  type ServiceProcess,
  serviceNames,
  serviceTable,
  statusFileOf,
} from './service-table.ts';
import { settleAll } from './settle-all.ts';
import { type SupervisedSpec, type Supervisor, tier } from './supervisor.ts';

/** How tests bend the services of a stack. */
export interface ServiceOptions {
  /** Those that are started; all of them by default. */
  readonly services?: readonly ServiceProcess[];
  /** More variables for a process, by its name. */
  readonly extraEnv?: Partial<Readonly<Record<ServiceProcess, Readonly<Record<string, string>>>>>;
  /** Parameters for Node.js itself, by the name of the process. */
  readonly nodeArgs?: Partial<Readonly<Record<ServiceProcess, readonly string[]>>>;
  /** Another file to run in the place of a service, as an attacker would. */
  readonly entries?: Partial<Readonly<Record<ServiceProcess, string>>>;
}

interface StartOptions {
  readonly supervisor: Supervisor;
  readonly options: ServiceOptions;
  readonly earlierGatewayUrl: string | undefined;
  readonly parts: Parts;
  readonly told: <Part>(name: string, part: Promise<Part>) => Promise<Part>;
}

const readyMsMax = 30_000;
/** Shared by all stacks of this repository: compiling is half of what a service does when it starts. */
const compileCache = join(import.meta.dirname, '..', '..', '..', '.setup', 'compile-cache');

/**
 * Returns the URL of the gateway. All start side by side, since each waits for what it needs by itself; only the plugin
 * has to be told where the gateway is.
 */
export async function startServices(start: StartOptions): Promise<string> {
  const { supervisor, options } = start;
  const wanted = serviceNames.filter((name) => options.services?.includes(name) ?? true);
  const behind = wanted.filter((name) => serviceTable[name].tier < tier.gateway);
  const [port] = await settleAll(
    [startFront(start, wanted), ...behind.map((name) => startOne(start, name, 0))],
    (fault) => supervisor.giveUp(fault),
  );
  return gatewayUrl(port as number);
}

async function startFront(start: StartOptions, wanted: readonly ServiceProcess[]): Promise<number> {
  const { supervisor, earlierGatewayUrl, told } = start;
  const earlierPort = portOf(earlierGatewayUrl);
  const port = wanted.includes('gateway')
    ? await told(
        'gateway',
        supervisor.startServer('gateway', earlierPort, (chosen) => specOf('gateway', start, chosen)),
      )
    : (earlierPort ?? 0);
  const before = wanted.filter((name) => serviceTable[name].tier > tier.gateway);
  await Promise.all(before.map((name) => startOne(start, name, port)));
  return port;
}

const startOne = (start: StartOptions, name: ServiceProcess, port: number): Promise<void> =>
  start.told(name, start.supervisor.start(specOf(name, start, port)));

function specOf(name: ServiceProcess, { parts, options }: StartOptions, port: number): SupervisedSpec {
  const row = serviceTable[name];
  const statusFile = statusFileOf(parts.home, name);
  return {
    name,
    tier: row.tier,
    command: process.execPath,
    args: [...(options.nodeArgs?.[name] ?? []), options.entries?.[name] ?? row.entry],
    env: {
      NODE_COMPILE_CACHE: compileCache,
      ...environmentOf(name, parts, port),
      ...options.extraEnv?.[name],
    },
    ...(row.restartsAfter === undefined ? {} : { restartsAfter: row.restartsAfter }),
    isReady: (pid) => row.readyStates.includes(readStatus(statusFile, pid)?.state ?? ''),
    readyMsMax,
  };
}
