import { connectBus } from '@strongroom/bus';
import { decodeBytes } from '@strongroom/canonical';
import {
  checkServerVersion,
  type DatabaseOptions,
  migrate,
  openDatabase,
  openPool,
} from '@strongroom/database';
import { type Composed, ManagementServer, Service } from '@strongroom/lifecycle';
import { readKeyFile } from '@strongroom/sealed';
import { createTelemetry, type LogLevel, reportTo } from '@strongroom/telemetry';
import { makeAdmitAppend } from './app/admit-append.ts';
import { makeExportLog } from './app/export-log.ts';
import { LogWriter } from './app/log-writer.ts';
import { makeOpenLog } from './app/open-log.ts';
import { makeQueryLog } from './app/query-log.ts';
import { makeSignCheckpoint } from './app/sign-checkpoint.ts';
import type { AuditConfig } from './config.ts';
import { serveBus } from './inbound/bus.ts';
import { makeUpkeep } from './inbound/upkeep.ts';
import { makeWitness } from './outbound/bus/witness.ts';
import { makeLogStore } from './outbound/postgres/log-store.ts';
import { migrations } from './outbound/postgres/schema.ts';

const schema = 'audit';

export async function compose(config: AuditConfig): Promise<Composed> {
  const telemetry = createTelemetry({
    service: 'audit',
    instance: 'audit',
    version: '0.1.0',
    level: config.logLevel as LogLevel,
    otlpUrl: config.otlpUrl,
  });
  const { logger, metrics } = telemetry;
  const report = reportTo(logger);
  const databaseOptions: DatabaseOptions = {
    url: config.databaseUrlFile.use((url) => url),
    schema,
    applicationName: 'strongroom-audit',
    poolMax: 6,
    statementTimeoutMs: 5_000,
    onIdleFault: (fault) => logger.warn('database-connection-lost', {}, fault),
  };
  const pool = openPool(databaseOptions);
  const bus = await connectBus({
    url: config.natsUrl,
    service: 'audit',
    seed: config.natsSeedFile.use((seed) => seed),
    name: 'audit',
  });
  const identity = decodeBytes(config.identity);
  const serviceKey = await readKeyFile(config.serviceKeyFile);
  const store = makeLogStore(pool);
  const witness = makeWitness(bus);
  const writer = new LogWriter({
    store,
    clock: { now: () => new Date().toISOString() },
    onFenced: () => logger.error('writer-fenced', { reason: 'another writer has taken over' }),
  });
  metrics.gauge('strongroom_log_size', 'entries in the log', () => writer.size);
  const service: Service = new Service({
    name: 'audit',
    statusFile: config.statusFile,
    report,
    components: [
      {
        name: 'database',
        async start() {
          const administration = openDatabase({ ...databaseOptions, poolMax: 1 });
          try {
            await checkServerVersion(administration);
            await migrate(administration, schema, migrations);
          } finally {
            await administration.destroy();
          }
        },
        stop: () => pool.end(),
      },
      { name: 'bus', start: () => undefined, stop: () => bus.close() },
      makeUpkeep({
        openLog: makeOpenLog({ store, writer, witness, serviceKey, identity }),
        signCheckpoint: makeSignCheckpoint({ store, witness, identity, origin: config.origin }),
        report,
      }),
      { name: 'writer', start: () => undefined, stop: () => writer.idle(), unready: () => writer.unready },
      {
        name: 'requests',
        start: () =>
          serveBus(bus, {
            admitAppend: makeAdmitAppend({ identity, nowMs: () => Date.now() }),
            append: (append) => writer.append(append),
            queryLog: makeQueryLog({ store }),
            exportLog: makeExportLog({ store }),
          }),
        stop: () => bus.drain(),
      },
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
