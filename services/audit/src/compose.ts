import { connectBus } from '@strongroom/bus';
import { decodeBytes } from '@strongroom/canonical';
import { tlsFiles } from '@strongroom/config';
import { type Component, type Composed, ManagementServer, Service } from '@strongroom/lifecycle';
import { readKeyFile } from '@strongroom/sealed';
import { createTelemetry, type LogLevel, observeBus, reportTo, type Telemetry } from '@strongroom/telemetry';
import { makeAdmitAppend } from './app/admit-append.ts';
import { makeAppendEntries } from './app/append-entries.ts';
import { makeFetchNodes } from './app/fetch-nodes.ts';
import { makeKeepLog } from './app/keep-log.ts';
import { LogWriter } from './app/log-writer.ts';
import { makeOpenLog } from './app/open-log.ts';
import { makeSignCheckpoint } from './app/sign-checkpoint.ts';
import type { WriterState } from './app/writer-state.ts';
import { composeReads } from './compose-reads.ts';
import type { AuditConfig } from './config.ts';
import { AppendIntake } from './inbound/append-intake.ts';
import { type InboundBusParts, serveAppends, serveReads } from './inbound/bus.ts';
import { Clockwork } from './inbound/clockwork.ts';
import { makeWitness } from './outbound/bus/witness.ts';
import { openAuditDatabase } from './outbound/postgres/audit-database.ts';
import { makeCheckpointStore } from './outbound/postgres/checkpoint-store.ts';
import { makeLogStore } from './outbound/postgres/log-store.ts';
import type { LogStore } from './ports/log-store.ts';

const clock = { now: () => new Date().toISOString(), monotonicMs: () => performance.now() };

export async function compose(config: AuditConfig): Promise<Composed> {
  const telemetry = createTelemetry({
    service: 'audit',
    instance: 'audit',
    version: '0.1.0',
    level: config.logLevel as LogLevel,
    otlpUrl: config.otlpUrl,
  });
  const { logger, metrics } = telemetry;
  const reportTask = (task: string, fault: unknown) => logger.warn('task-failed', { task }, fault);
  const database = openAuditDatabase({
    url: config.databaseUrlFile.use((url) => url),
    tls: tlsFiles('database', config.databaseCaFile, config.databaseCertFile, config.databaseKeyFile),
    onIdleFault: (fault) => logger.warn('database-connection-lost', {}, fault),
  });
  const bus = await connectBus({
    url: config.natsUrl,
    tls: tlsFiles('bus', config.natsCaFile, config.natsCertFile, config.natsKeyFile),
    service: 'audit',
    seed: config.natsSeedFile.use((seed) => seed),
    name: 'audit',
    observer: observeBus(logger, metrics),
  });
  const serviceKey = await readKeyFile(config.serviceKeyFile);
  const trust = { identity: decodeBytes(config.identity), origin: config.origin };
  const { identity } = trust;

  const store = makeLogStore(database.writing);
  const checkpoints = makeCheckpointStore(database.writing);
  const witness = makeWitness(bus);
  const writer = makeWriter(store, telemetry, (state) => intake.follow(state));
  const fetchNodes = makeFetchNodes(store);
  const signCheckpoint = makeSignCheckpoint({ checkpoints, witness, fetchNodes, ...trust });
  const receiptKey = { witness, signAsService: serviceKey.sign, identity, clock };
  const openLog = makeOpenLog({ store, checkpoints, writer, receiptKey, signCheckpoint, trust });
  const keeper = makeKeepLog({ writer, openLog, signCheckpoint });
  metrics.gauge('strongroom_log_signed_size', 'entries in the newest checkpoint', () => keeper.signedSize);

  const admitAppend = makeAdmitAppend({ identity, clock });
  const parts: InboundBusParts = {
    appendEntries: makeAppendEntries({ admitAppend, writer }),
    ...composeReads(database.reading, trust, () =>
      keeper.bringUpToDate().catch((fault: unknown) => reportTask('checkpoint', fault)),
    ),
  };
  const intake = new AppendIntake({ listen: () => serveAppends(bus, parts), report: reportTask });

  const service: Service = new Service({
    name: 'audit',
    statusFile: config.statusFile,
    report: reportTo(logger),
    components: [
      new ManagementServer({
        host: config.managementHost,
        port: config.managementPort,
        unready: () => service.unready(),
        metrics: metrics.expose,
      }),
      { name: 'database', start: database.prepare, stop: database.close },
      { name: 'bus', start: () => undefined, stop: () => bus.drain() },
      { name: 'reads', start: () => serveReads(bus, parts), stop: () => undefined },
      new Clockwork({ keeper, report: reportTask }),
      writerComponent(writer, intake),
    ],
  });
  return { service, flush: telemetry.shutdown };
}

/** The writer with its log lines and its metrics. */
function makeWriter(
  store: LogStore,
  { logger, metrics }: Telemetry,
  follow: (state: WriterState) => void,
): LogWriter {
  const appended = metrics.counter('strongroom_log_entries_total', 'entries committed by this process');
  const committed = metrics.duration('strongroom_log_commit_seconds', 'time of a commit');
  const writer = new LogWriter({
    store,
    clock,
    onState(state) {
      const fields = { state: state.kind, ...('reason' in state ? { reason: state.reason } : {}) };
      if (state.kind === 'stopped') logger.error('writer-state', fields);
      else logger.info('writer-state', fields);
      follow(state);
    },
    onCommit({ entries, durationMs }) {
      appended.add(entries);
      committed.record(durationMs / 1_000);
    },
  });
  const queued = () => writer.queuedEntries;
  metrics.gauge('strongroom_log_size', 'entries in the log', () => writer.size);
  metrics.gauge('strongroom_log_queued_entries', 'entries that wait for a commit', queued);
  return writer;
}

/** Ready when appends are taken; stopped when all that were taken are answered. */
function writerComponent(writer: LogWriter, intake: AppendIntake): Component {
  return {
    name: 'writer',
    start: () => undefined,
    async stop() {
      await intake.settled();
      await intake.close();
      await writer.settled();
    },
    unready() {
      const { state } = writer;
      if (state.kind !== 'writing') return `${state.kind}: ${state.reason}`;
      return intake.isListening ? undefined : 'not listening for appends yet';
    },
  };
}
