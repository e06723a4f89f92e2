/** The services of the stack: which file each runs, which settings it gets, and when it counts as ready. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { retiredStatus } from '@strongroom/lifecycle';
import { tlsSettings } from './engines/existing-server.ts';
import type { BusServer } from './engines/nats.ts';
import type { Databases, Schema } from './engines/postgres.ts';
import type { RateStore } from './engines/redis.ts';
import type { Home } from './home.ts';
import type { Identity } from './material/ceremony.ts';
import { deployment, type Keys } from './material/keys.ts';
import type { Certificates } from './material/tls.ts';
import type { ProcessEnd } from './process/managed-process.ts';
import { tier } from './supervisor.ts';

export const serviceNames = [
  'audit',
  'crypto-worker-1',
  'crypto-worker-2',
  'approvals',
  'gateway',
  'kms-plugin',
] as const;
export type ServiceProcess = (typeof serviceNames)[number];

export interface Parts {
  readonly home: Home;
  readonly keys: Keys;
  readonly certificates: Certificates;
  readonly identity: Identity;
  readonly databases: Databases;
  readonly bus: BusServer;
  readonly rates: RateStore;
  /** Settings with which a crypto worker finds its token. */
  readonly tokenEnv: Readonly<Record<string, string>>;
}

export interface ServiceRow {
  readonly entry: string;
  readonly tier: number;
  /** Beginning of the names of its settings. */
  readonly prefix: string;
  /** States in which the stack goes on. */
  readonly readyStates: readonly string[];
  readonly restartsAfter?: (end: ProcessEnd) => boolean;
  readonly settings: (parts: Parts, port: number) => Readonly<Record<string, string>>;
  /** Variables that are not settings of its own. */
  readonly environment?: (parts: Parts) => Readonly<Record<string, string>>;
}

const entry = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const ready = ['ready'];

const onBus = (service: string, { bus }: Parts) => ({
  NATS_URL: bus.url,
  NATS_SEED_FILE: bus.seedFiles[service] ?? '',
  ...tlsSettings('NATS', bus.tls),
});

const onDatabase = (schema: Schema, { databases }: Parts) => ({
  DATABASE_URL_FILE: databases.urlFiles[schema],
  ...tlsSettings('DATABASE', databases.tls),
});

const worker = (name: string, isWitness: boolean): ServiceRow => ({
  entry: entry('services/crypto-worker/src/main.ts'),
  tier: tier.worker,
  prefix: 'STRONGROOM_CRYPTO_WORKER',
  readyStates: ready,
  settings: (parts) => ({
    ...onBus('crypto-worker', parts),
    ...onDatabase('registry', parts),
    NAME: name,
    WITNESS: String(isWitness),
  }),
  environment: ({ tokenEnv }) => tokenEnv,
  // Its watchdog ended it, since the HSM did not return from a call; or it grew too large. Any other end is a failure.
  restartsAfter: ({ signal, status }) => signal === 'SIGALRM' || status === retiredStatus,
});

export const serviceTable: Readonly<Record<ServiceProcess, ServiceRow>> = Object.freeze({
  audit: {
    entry: entry('services/audit/src/main.ts'),
    tier: tier.audit,
    prefix: 'STRONGROOM_AUDIT',
    readyStates: ready,
    settings: (parts) => ({
      ...onBus('audit', parts),
      ...onDatabase('audit', parts),
      IDENTITY: parts.identity.identity,
      SERVICE_KEY_FILE: parts.keys.auditServiceKeyFile,
      ORIGIN: deployment,
      SINK_DIRECTORY: parts.home.sinks,
    }),
  },
  'crypto-worker-1': worker('crypto-worker-1', true),
  'crypto-worker-2': worker('crypto-worker-2', false),
  approvals: {
    entry: entry('services/approvals/src/main.ts'),
    tier: tier.worker,
    prefix: 'STRONGROOM_APPROVALS',
    readyStates: ready,
    settings: (parts) => ({
      ...onBus('approvals', parts),
      ...onDatabase('approvals', parts),
    }),
  },
  gateway: {
    entry: entry('services/gateway/src/main.ts'),
    tier: tier.gateway,
    prefix: 'STRONGROOM_GATEWAY',
    readyStates: ready,
    settings: (parts, port) => ({
      ...onBus('gateway', parts),
      LISTEN_PORT: String(port),
      TLS_CERT_FILE: parts.certificates.certFile,
      TLS_KEY_FILE: parts.certificates.keyFile,
      REDIS_URL_FILE: parts.rates.urlFiles.gateway,
      ...tlsSettings('REDIS', parts.rates.tls),
      IDENTITY_FINGERPRINT: parts.identity.identityFingerprint,
    }),
  },
  'kms-plugin': {
    entry: entry('kubernetes/kms-plugin/src/main.ts'),
    tier: tier.edge,
    prefix: 'STRONGROOM_KMS_PLUGIN',
    // Until its key is enrolled and its KEK exists it serves, and says that it is not healthy.
    readyStates: ['ready', 'degraded'],
    settings: ({ home, certificates, identity, keys }, port) => ({
      SOCKET: home.kmsSocket,
      GATEWAY_URL: gatewayUrl(port),
      CA_FILE: certificates.caFile,
      IDENTITY_FINGERPRINT: identity.identityFingerprint,
      KEY_FILE: keys.kmsPluginKeyFile,
      KEY: 'kms',
      PROVIDER: 'kms-1',
      REFRESH_MS: '250',
    }),
  },
});

export const gatewayUrl = (port: number): string => `https://127.0.0.1:${port}`;

export const statusFileOf = (home: Home, name: string): string => join(home.run, `${name}.status.json`);

/** The environment of a service: its settings under their full names. */
export function environmentOf(name: ServiceProcess, parts: Parts, port: number): Record<string, string> {
  const row = serviceTable[name];
  const settings = { ...row.settings(parts, port), STATUS_FILE: statusFileOf(parts.home, name) };
  return {
    ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [`${row.prefix}_${key}`, value])),
    ...row.environment?.(parts),
  };
}
