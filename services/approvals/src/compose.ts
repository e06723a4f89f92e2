import { connectBus } from '@strongroom/bus';
import { tlsFiles } from '@strongroom/config';
import {
  checkServerVersion,
  migrate,
  OutboxPublisher,
  openDatabase,
  outboxMigration,
} from '@strongroom/database';
import { StrongroomError } from '@strongroom/errors';
import { type Component, type Composed, ManagementServer, Service } from '@strongroom/lifecycle';
import { createTelemetry, type LogLevel, observeBus, reportTo } from '@strongroom/telemetry';
import { makeAdvanceProposal } from './app/advance-proposal.ts';
import { makeDeliverNotification } from './app/deliver-notification.ts';
import { makePropose } from './app/propose.ts';
import { makeRecordVote } from './app/record-vote.ts';
import { makeListProposals, makeShowProposal } from './app/show-proposals.ts';
import type { ApprovalsConfig } from './config.ts';
import { makeRequests } from './inbound/bus.ts';
import { Scheduler } from './inbound/scheduler.ts';
import { makeExecutor } from './outbound/bus/executor.ts';
import { makeNotificationQueue } from './outbound/postgres/notification-queue.ts';
import { makeProposalStore } from './outbound/postgres/proposal-store.ts';
import { type ApprovalsSchema, migrations } from './outbound/postgres/schema.ts';
import { makeSlackNotifier, type SlackNotifier } from './outbound/webhook/slack-notifier.ts';

const schema = 'approvals';
const clock = { now: () => new Date().toISOString() };

export async function compose(config: ApprovalsConfig): Promise<Composed> {
  const telemetry = createTelemetry({
    service: 'approvals',
    instance: 'approvals',
    version: '0.1.0',
    level: config.logLevel as LogLevel,
    otlpUrl: config.otlpUrl,
  });
  const { logger, metrics } = telemetry;
  const database = openDatabase<ApprovalsSchema>({
    url: config.databaseUrlFile.use((url) => url),
    tls: tlsFiles('database', config.databaseCaFile, config.databaseCertFile, config.databaseKeyFile),
    schema,
    applicationName: 'strongroom-approvals',
    poolMax: 8,
    statementTimeoutMs: 5_000,
    onIdleFault: (fault) => logger.warn('database-connection-lost', {}, fault),
  });
  const bus = await connectBus({
    url: config.natsUrl,
    tls: tlsFiles('bus', config.natsCaFile, config.natsCertFile, config.natsKeyFile),
    service: 'approvals',
    seed: config.natsSeedFile,
    name: 'approvals',
    observer: observeBus(logger, metrics),
  });
  const store = makeProposalStore(database, clock);
  const queue = makeNotificationQueue(database);
  const notifier = makeNotifier(config);
  const scheduler = new Scheduler({
    store,
    queue,
    clock,
    advanceProposal: makeAdvanceProposal({ store, executor: makeExecutor(bus, config.pool), clock }),
    deliverNotification: notifier && makeDeliverNotification({ queue, store, notifier, clock }),
    reportFault: (task, fault) => logger.warn('task-failed', { task }, fault),
  });
  const outbox = new OutboxPublisher(database, {
    publish: (event) => bus.publishEvent(event),
    reportFault: (fault) => logger.warn('outbox-waits', {}, fault),
  });
  const service: Service = new Service({
    name: 'approvals',
    statusFile: config.statusFile,
    report: reportTo(logger),
    components: [
      {
        name: 'database',
        async start() {
          await checkServerVersion(database);
          await migrate(database, schema, [outboxMigration, ...migrations]);
        },
        stop: () => database.destroy(),
      },
      { name: 'webhook', start: () => undefined, stop: () => notifier?.close() },
      { name: 'bus', start: () => undefined, stop: () => bus.drain() },
      asComponent('outbox', outbox),
      asComponent('scheduler', scheduler),
      makeRequests(bus, {
        propose: makePropose({ store, clock }),
        recordVote: makeRecordVote({ store, clock }),
        showProposal: makeShowProposal({ store }),
        listProposals: makeListProposals({ store }),
        wake: () => scheduler.wake(),
      }),
      new ManagementServer({
        host: config.managementHost,
        port: config.managementPort,
        unready: () => service.unready(),
        metrics: metrics.expose,
      }),
    ],
  });
  return { service, flush: telemetry.shutdown };
}

function asComponent(name: string, part: { start(): void; stop(): Promise<void> }): Component {
  return { name, start: () => part.start(), stop: () => part.stop() };
}

/** Half a webhook would be one that nobody can trust or that nobody hears. */
function makeNotifier({ webhookUrlFile, webhookSecretFile }: ApprovalsConfig): SlackNotifier | undefined {
  if (webhookUrlFile === undefined && webhookSecretFile === undefined) return undefined;
  if (webhookUrlFile === undefined || webhookSecretFile === undefined) {
    throw new StrongroomError('configuration-invalid', {
      detail: 'the webhook needs both its URL and its secret',
    });
  }
  return makeSlackNotifier({
    url: webhookUrlFile.use((url) => url),
    withSecret: (use) => webhookSecretFile.use((secret) => use(Buffer.from(secret))),
    nowSeconds: () => Math.floor(Date.now() / 1_000),
  });
}
