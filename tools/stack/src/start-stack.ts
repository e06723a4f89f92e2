/**
 * Starts a whole stack in one home: engines, key material, ceremony, services; what does not build on each other side by
 * side. Nothing of it is a double. A second start in the same home finds its data again.
 */
import { readFile, rm } from 'node:fs/promises';
import { createSoftHsmToken } from '@strongroom/testing';
import type { ExistingServers } from './engines/existing-server.ts';
import { type ExtraBusUser, startNats } from './engines/nats.ts';
import { startPostgres } from './engines/postgres.ts';
import { startRedis } from './engines/redis.ts';
import { type Home, homeAt, makeHome } from './home.ts';
import { lockHome } from './home-lock.ts';
import { holdCeremony } from './material/ceremony.ts';
import { type Keys, makeKeys } from './material/keys.ts';
import { replaceFile } from './material/secret-file.ts';
import { makeCertificates } from './material/tls.ts';
import { endLeftovers, recordProcesses } from './process/leftovers.ts';
import { settleAll } from './settle-all.ts';
import type { StackInfo } from './stack-info.ts';
import { StackProblem } from './stack-problem.ts';
import { type ServiceOptions, startServices } from './start-services.ts';
import { type RestartChanges, Supervisor } from './supervisor.ts';

export interface StackOptions extends ServiceOptions {
  readonly home: string;
  /** Servers that run already, in place of own ones. */
  readonly existing?: ExistingServers;
  /** Users of the bus beside the services: a wiretap. */
  readonly extraBusUsers?: readonly ExtraBusUser[];
  /** Told as each part is there, with the milliseconds since the start. */
  readonly report?: (part: string, ms: number) => void;
  readonly signal?: AbortSignal;
}

export interface Stack {
  readonly info: StackInfo;
  /** Path of `stack.json`: the profile of the command line. */
  readonly profile: string;
  /** Resolves when a process ends without being asked to; the stack is still to be stopped then. */
  readonly failure: Promise<StackProblem>;
  /** Within 10 s. The state stays. */
  stop(): Promise<void>;
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** Sends a signal that does not end a process, such as SIGSTOP and SIGCONT. */
  signal(name: string, signal: NodeJS.Signals): void;
  /**
   * Starts a process again, after ending it in order if it runs; resolves when it serves. A service serves when it writes so
   * to its status file; a file that runs in its place has to do the same.
   */
  restart(name: string, changes?: RestartChanges): Promise<void>;
  readonly logFile: (name: string) => string;
}

/** Throws `StackProblem`, after stopping whatever had started. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const home = homeAt(options.home);
  await makeHome(home);
  const lock = await lockHome(home.root);
  if (!lock.isHeld) {
    throw new StackProblem(`a stack runs in ${home.root} already (process ${lock.holder})`, [
      'stop that one, or set STRONGROOM_HOME to another folder for a second one',
    ]);
  }
  try {
    return await startLocked(home, options, lock.release);
  } catch (problem) {
    lock.release();
    throw problem;
  }
}

async function startLocked(home: Home, options: StackOptions, release: () => void): Promise<Stack> {
  await endLeftovers(home.run);
  const earlier = await readInfo(home);
  let info: StackInfo | undefined;
  const supervisor = new Supervisor({
    logDir: home.logs,
    signal: options.signal,
    changed: async (processes) => {
      await recordProcesses(home.run, processes);
      if (info !== undefined) info = await writeInfo(home, { ...info, processes });
    },
  });
  try {
    info = await writeInfo(home, await startParts(home, options, supervisor, earlier));
  } catch (problem) {
    await supervisor.stop();
    throw problem;
  }
  return {
    get info() {
      return info as StackInfo;
    },
    profile: home.infoFile,
    failure: supervisor.failure,
    stop: async () => {
      await supervisor.stop();
      release();
    },
    kill: (name, signal) => supervisor.kill(name, signal),
    signal: (name, signal) => supervisor.signal(name, signal),
    restart: (name, changes) => supervisor.restart(name, changes),
    logFile: (name) => supervisor.logFile(name),
  };
}

async function startParts(
  home: Home,
  options: StackOptions,
  supervisor: Supervisor,
  earlier: Partial<StackInfo>,
): Promise<StackInfo> {
  const startedMs = performance.now();
  const { existing = {}, report = () => {} } = options;
  const told = async <Part>(name: string, part: Promise<Part>): Promise<Part> => {
    const made = await part;
    report(name, performance.now() - startedMs);
    return made;
  };
  const [{ token, keys, identity, tokenEnv }, databases, bus, rates, certificates] = await settleAll(
    [
      told('HSM token and key ceremony', makeTrust(home)),
      told(
        'PostgreSQL',
        startPostgres(supervisor, home, { existing: existing.postgres, earlier: earlier.postgresUrl }),
      ),
      told(
        'NATS',
        startNats(supervisor, home, {
          existing: existing.nats,
          earlier: earlier.natsUrl,
          extraUsers: options.extraBusUsers,
        }),
      ),
      told('Redis', startRedis(supervisor, home, { existing: existing.redis, earlier: earlier.redisUrl })),
      told('certificates', makeCertificates(home.tls)),
    ],
    (fault) => supervisor.giveUp(fault),
  );
  const gatewayUrl = await startServices({
    supervisor,
    options,
    earlierGatewayUrl: earlier.gatewayUrl,
    parts: {
      ...{ home, keys, certificates, identity, databases, tokenEnv },
      ...{ bus, rates },
    },
    told,
  });
  return {
    home: home.root,
    gatewayUrl,
    caFile: certificates.caFile,
    identityFingerprint: identity.identityFingerprint,
    kmsSocket: home.kmsSocket,
    kmsPluginKeyFile: keys.kmsPluginKeyFile,
    operatorKeyFile: keys.operatorKeyFile,
    approverKeyFiles: keys.approverKeyFiles,
    postgresUrl: databases.url,
    natsUrl: bus.url,
    natsSeedFiles: bus.seedFiles,
    redisUrl: rates.url,
    hsm: {
      module: token.module,
      tokenLabel: token.tokenLabel,
      tokenSerial: token.serial,
      pinFile: token.pinFile,
      env: token.env,
      tokenDirectory: token.tokenDirectory,
    },
    logDir: home.logs,
    processes: supervisor.processes(),
  };
}

/** The token and the people are made side by side; the ceremony binds the one to the other. */
async function makeTrust(home: Home) {
  const [token, keys] = await Promise.all([createSoftHsmToken({ directory: home.hsm }), makeKeys(home.keys)]);
  const tokenEnv = workerTokenEnv(token, keys);
  return { token, keys, tokenEnv, identity: await holdCeremony(home.hsm, tokenEnv) };
}

const workerTokenEnv = (token: Awaited<ReturnType<typeof createSoftHsmToken>>, keys: Keys) => ({
  ...token.env,
  STRONGROOM_CRYPTO_WORKER_PKCS11_MODULE: token.module,
  STRONGROOM_CRYPTO_WORKER_TOKEN_LABEL: token.tokenLabel,
  STRONGROOM_CRYPTO_WORKER_TOKEN_SERIAL: token.serial,
  STRONGROOM_CRYPTO_WORKER_PIN_FILE: token.pinFile,
  STRONGROOM_CRYPTO_WORKER_GOVERNANCE_FILE: keys.governanceFile,
});

async function writeInfo(home: Home, info: StackInfo): Promise<StackInfo> {
  await replaceFile(home.infoFile, JSON.stringify(info, undefined, 2));
  return info;
}

/** Of the last stack in this home: its addresses are taken again where they are free. */
async function readInfo(home: Home): Promise<Partial<StackInfo>> {
  const text = await readFile(home.infoFile, 'utf8').catch(() => undefined);
  if (text === undefined) return {};
  // A script that sees the file while the stack starts would take it for one that runs.
  await rm(home.infoFile);
  return JSON.parse(text) as Partial<StackInfo>;
}
