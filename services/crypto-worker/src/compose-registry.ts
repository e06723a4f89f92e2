/** The registry of one process, and how it and the other processes keep each other current. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Bus } from '@strongroom/bus';
import type { Kysely } from 'kysely';
import { makeHsmAnchor } from './app/anchor/hsm-anchor.ts';
import { deriveBytes, keyPurpose } from './app/derived/derive-key.ts';
import { SettledCommits } from './app/pipeline/settled-commits.ts';
import { serveRegistryLooks } from './inbound/bus.ts';
import { makeBusReaders } from './outbound/bus/bus-readers.ts';
import { PostgresRegistry } from './outbound/postgres/postgres-registry.ts';
import type { OnAlert } from './outbound/postgres/registry-alert.ts';
import { RegistrySync } from './outbound/postgres/registry-sync.ts';
import type { RegistryTables } from './outbound/postgres/registry-tables.ts';
import type { Hsm } from './ports/hsm.ts';
import type { Report } from './ports/steps.ts';

/** How often a worker looks by itself whether another one committed, and after what time all have. */
const pollEveryMs = 50;
const settleMs = 2 * pollEveryMs;

export interface RegistryParts {
  readonly hsm: Hsm;
  readonly database: Kysely<RegistryTables>;
  readonly tenant: string;
  readonly onAlert: OnAlert;
}

export async function openRegistry({
  hsm,
  database,
  tenant,
  onAlert,
}: RegistryParts): Promise<PostgresRegistry> {
  const mac = await deriveBytes(hsm, keyPurpose.registryMac);
  const outcome = await deriveBytes(hsm, keyPurpose.outcome);
  const { registry: anchor } = await makeHsmAnchor({ hsm }).read();
  const registry = await PostgresRegistry.open({ database, tenant, keys: { mac, outcome }, anchor, onAlert });
  mac.fill(0);
  outcome.fill(0);
  return registry;
}

export interface SharedRegistry {
  /** Resolves when what this process has committed holds at every other one. */
  readonly settled: () => Promise<void>;
  stop(): Promise<void>;
}

/** From here on this process looks at what others commit, by itself and when it is asked. */
export async function shareRegistry({
  registry,
  bus,
  report,
}: {
  readonly registry: PostgresRegistry;
  readonly bus: Pick<Bus, 'request' | 'respond'>;
  readonly report: Report;
}): Promise<SharedRegistry> {
  const sync = new RegistrySync({
    registry,
    pollEveryMs,
    onError: (error) => report('registry-sync-failed', { error }),
  });
  sync.start();
  await serveRegistryLooks(bus, registry.name, (sequence) => registry.look(sequence));
  const commits = new SettledCommits({
    registry,
    readers: makeBusReaders({ bus, roster: registry }),
    pause: async (ms) => void (await pause(ms)),
    settleMs,
  });
  return {
    settled: () => commits.settled(),
    stop: async () => {
      await sync.stop();
      await registry.leave().catch((error: unknown) => report('registry-sync-failed', { error }));
    },
  };
}
