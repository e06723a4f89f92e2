/**
 * What a worker does beside answering: keys, reconciliation, the anchor, the newest writer, old sealing keys, values under old
 * KEKs, dates of secrets, events.
 */
import type { Bus } from '@strongroom/bus';
import { OutboxPublisher } from '@strongroom/database';
import type { Kysely } from 'kysely';
import { makeAnchorRegistry } from './app/anchor/anchor-registry.ts';
import type { Worker } from './compose-worker.ts';
import type { PoolMembership } from './inbound/pool-membership.ts';
import type { PostgresRegistry } from './outbound/postgres/postgres-registry.ts';
import type { RegistryTables } from './outbound/postgres/registry-tables.ts';
import { RepeatedTask } from './outbound/repeated-task.ts';
import type { Anchor } from './ports/anchor.ts';
import type { Report } from './ports/steps.ts';

export interface BackgroundParts {
  readonly isWitness: boolean;
  readonly bus: Bus;
  readonly database: Kysely<RegistryTables>;
  readonly registry: PostgresRegistry;
  readonly anchor: Anchor;
  readonly worker: Worker;
  readonly refreshKeys: () => Promise<void>;
  readonly raiseEpoch: () => Promise<void>;
  readonly membership: PoolMembership;
  readonly report: Report;
}

export interface BackgroundTask {
  start(): void;
  stop(): Promise<void>;
}

const everyMs = Object.freeze({
  keys: 60_000,
  software: 60_000,
  reconcile: 5_000,
  anchor: 1_000,
  epoch: 500,
  membership: 50,
  destroy: 600_000,
  appointments: 30_000,
  importKey: 60_000,
  reencrypt: 1_000,
  sweep: 60_000,
});

export function makeBackground(parts: BackgroundParts): readonly BackgroundTask[] {
  const { isWitness, bus, database, registry, anchor, worker, report } = parts;
  const task = (name: keyof typeof everyMs, run: () => Promise<void>, runAtStop = false) =>
    new RepeatedTask({
      everyMs: everyMs[name],
      task: run,
      onError: (error) => report('task-failed', { reason: name, error }),
      runAtStop,
    });
  const ofTheWitness = [
    task('anchor', makeAnchorRegistry({ registry, anchor }), true),
    task('destroy', worker.destroySealingKeys),
    task('appointments', worker.keepAppointments),
    task('importKey', worker.ensureImportKey),
    task('reencrypt', worker.reencryptGroups),
    task('sweep', worker.sweepSecrets),
  ];
  return [
    task('keys', parts.refreshKeys),
    task('software', async () => worker.softwareKeys.sweep()),
    task('reconcile', worker.reconcile),
    task('epoch', parts.raiseEpoch),
    task('membership', () => parts.membership.look()),
    ...(isWitness ? ofTheWitness : []),
    new OutboxPublisher(database, {
      publish: (event) => bus.publishEvent(event),
      reportFault: (error) => report('event-not-published', { error }),
    }),
  ];
}
