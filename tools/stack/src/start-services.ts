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

/** Returns the URL of the gateway. What is behind it starts side by side; it comes next, and the plugin last. */
export async function startServices(start: StartOptions): Promise<string> {
  const { supervisor, options, earlierGatewayUrl, told } = start;
  const wanted = (options.services ?? serviceNames).filter((name) => serviceNames.includes(name));
  const behind = wanted.filter((name) => serviceTable[name].tier < tier.gateway);
  const giveUp = (fault: unknown) => supervisor.giveUp(fault);
  await settleAll(
    behind.map((name) => told(name, supervisor.start(specOf(name, start, 0)))),
    giveUp,
  );
  let port = portOf(earlierGatewayUrl) ?? 0;
  if (wanted.includes('gateway')) {
    port = await told(
      'gateway',
      supervisor.startServer('gateway', portOf(earlierGatewayUrl), (chosen) =>
        specOf('gateway', start, chosen),
      ),
    );
  }
  const before = wanted.filter((name) => serviceTable[name].tier > tier.gateway);
  await settleAll(
    before.map((name) => told(name, supervisor.start(specOf(name, start, port)))),
    giveUp,
  );
  return gatewayUrl(port);
}

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
    isReady: (pid) => row.readyStates.includes(readStatus(statusFile, pid)?.state ?? ''),
    readyMsMax,
  };
}
