import { connectBus } from '@strongroom/bus';
import { decodeBytes } from '@strongroom/canonical';
import { tlsFiles } from '@strongroom/config';
import { StrongroomError } from '@strongroom/errors';
import { type Composed, ManagementServer, Service } from '@strongroom/lifecycle';
import { readKeyFile } from '@strongroom/sealed';
import { createTelemetry, type LogLevel, observeBus, reportTo } from '@strongroom/telemetry';
import { makeAdmitAppend } from './app/admit-append.ts';
import { makeAppendEntries } from './app/append-entries.ts';
import { KnownSinks } from './app/known-sinks.ts';
import { composeArchive } from './compose-archive.ts';
import { composeReads } from './compose-reads.ts';
import { makeSinkPump } from './compose-sinks.ts';
import { composeWitnesses } from './compose-witnesses.ts';
import { composeWriter, writerComponent } from './compose-writer.ts';
import type { AuditConfig } from './config.ts';
import { type InboundBusParts, serveAppends, serveReads } from './inbound/bus.ts';
import { Clockwork } from './inbound/clockwork.ts';
import { Intake } from './inbound/intake.ts';
import { TileServer } from './inbound/tile-server.ts';
import { makeSinkDirectory } from './outbound/bus/sink-directory.ts';
import { openAuditDatabase } from './outbound/postgres/audit-database.ts';

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

  const { writer, keeper } = composeWriter({
    ...{ connection: database.writing, bus, trust, clock, signAsService: serviceKey.sign, telemetry },
    onState(state) {
      appends.follow(state);
      reads.follow(state);
      // A process that comes back as one that stands by is simpler to be sure of than one that forgets what it was.
      if (state.kind === 'fenced') service.fail(new StrongroomError('stopping', { detail: state.reason }));
    },
  });

  const admitAppend = makeAdmitAppend({ identity: trust.identity, clock });
  const witnesses = composeWitnesses({ config, connection: database.writing, clock, telemetry, writer });
  const known = new KnownSinks({ directory: makeSinkDirectory(bus), trust, clock });
  const { reading } = database;
  const {
    findEntries,
    planRetention,
    components: archivists,
  } = composeArchive({
    ...{ config, telemetry, reading, writer, trust, known },
  });
  const { readTiles, ...readers } = composeReads(reading, trust, config.witnessesNeeded, findEntries, () =>
    keeper
      .bringUpToDate()
      .then(witnesses.cosign)
      .catch((fault: unknown) => reportTask('checkpoint', fault)),
  );
  const appendEntries = makeAppendEntries({ admitAppend, writer });
  const parts: InboundBusParts = { appendEntries, planRetention, ...readers };
  const { tilesHost: host, tilesPort: port, tilesEntries: servesEntries } = config;
  const tiles =
    port === undefined ? [] : [new TileServer({ host, port, servesEntries, readTiles, report: reportTask })];
  const appends = new Intake({
    name: 'appends',
    isOpenIn: ({ kind }) => kind === 'writing' || kind === 'recovering',
    listen: () => serveAppends(bus, parts, () => writer.isMoving),
    report: reportTask,
  });
  const reads = new Intake({
    name: 'reads',
    isOpenIn: ({ kind }) => kind !== 'standing-by' && kind !== 'fenced',
    listen: () => serveReads(bus, parts),
    report: reportTask,
  });

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
      { name: 'reads', start: () => reads.follow(writer.state), stop: () => reads.close() },
      ...tiles,
      // Stops after the writer is settled and nothing shows life any more.
      { name: 'pen', start: () => undefined, stop: () => writer.handOver() },
      new Clockwork({ keeper, cosign: witnesses.cosign, report: reportTask }),
      makeSinkPump({
        config,
        telemetry,
        database,
        writer,
        serviceKey,
        origin: config.origin,
        known,
        findEntries,
      }),
      ...archivists,
      writerComponent(writer, appends),
    ],
  });
  return { service, flush: telemetry.shutdown };
}
