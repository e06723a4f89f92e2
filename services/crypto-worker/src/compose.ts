import { connectBus } from '@strongroom/bus';
import { tlsFiles } from '@strongroom/config';
import { checkServerVersion, type DatabaseOptions, migrate, openDatabase } from '@strongroom/database';
import { type Component, type Composed, MemoryCeiling, Service, Watchdog } from '@strongroom/lifecycle';
import { createTelemetry, type Logger, type LogLevel, observeBus, reportTo } from '@strongroom/telemetry';
import { parseGovernanceFile } from './app/governance/verify-governance-root.ts';
import { makeWorkerProcess } from './compose-process.ts';
import type { CryptoWorkerConfig } from './config.ts';
import { openPkcs11Hsm, type Pkcs11Hsm } from './outbound/pkcs11/pkcs11-hsm.ts';
import type { HsmEvent } from './outbound/pkcs11/token-supervisor.ts';
import { takeLeaveTurn } from './outbound/postgres/leave-turn.ts';
import type { RegistryAlert } from './outbound/postgres/registry-alert.ts';
import { registryMigrations } from './outbound/postgres/registry-migrations.ts';
import type { RegistryTables } from './outbound/postgres/registry-tables.ts';

const version = '0.1.0';
const schema = 'registry';
const hsmReadyMsMax = 60_000;
/** A new connection reads the whole token: a fifth of a millisecond for each object. */
const connectMsMax = 10_000;
const memoryEveryMs = 10_000;

export async function compose(config: CryptoWorkerConfig): Promise<Composed> {
  const { name, pool, tenant } = config;
  const telemetry = createTelemetry({
    service: 'crypto-worker',
    instance: name,
    version,
    level: config.logLevel as LogLevel,
    otlpUrl: config.otlpUrl,
    lastStep: 'sealed',
  });
  const { logger, metrics } = telemetry;
  const report = reportTo(logger);
  const signed = parseGovernanceFile(config.governanceFile);
  const databaseOptions: DatabaseOptions = {
    url: config.databaseUrlFile.use((url) => url),
    tls: tlsFiles('database', config.databaseCaFile, config.databaseCertFile, config.databaseKeyFile),
    schema,
    applicationName: `strongroom-${name}`,
    poolMax: 8,
    statementTimeoutMs: 5_000,
    onIdleFault: (fault) => logger.warn('database-connection-lost', {}, fault),
  };
  const database = openDatabase<RegistryTables>(databaseOptions);
  const watchdog = new Watchdog({ silentMsMax: config.hangMsMax, patientMsMax: connectMsMax });
  const hsm = openPkcs11Hsm({
    modulePath: config.pkcs11Module,
    tokenLabel: config.tokenLabel,
    tokenSerial: config.tokenSerial,
    pinFile: config.pinFile,
    patiently: watchdog.patiently,
    onEvent: (event) => {
      logHsm(logger, event);
      if (event.kind === 'stuck') watchdog.end();
    },
  });
  const bus = await connectBus({
    url: config.natsUrl,
    tls: tlsFiles('bus', config.natsCaFile, config.natsCertFile, config.natsKeyFile),
    service: 'crypto-worker',
    seed: config.natsSeedFile,
    name,
    observer: observeBus(logger, metrics),
  });
  const service: Service = new Service({
    name,
    statusFile: config.statusFile,
    report,
    components: [
      // First to start and last to stop: a device that hangs while the others stop must not hold the process.
      watchdog,
      hsmComponent(hsm),
      {
        name: 'database',
        async start() {
          await checkServerVersion(database);
          await migrate(database, schema, registryMigrations);
        },
        stop: () => database.destroy(),
      },
      {
        name: 'bus',
        start: () => undefined,
        stop: () => bus.close(),
        unready: () => (bus.state === 'connected' ? undefined : bus.state),
      },
      makeWorkerProcess({
        worker: name,
        version,
        pool,
        tenant,
        gcmInvocationsMax: config.gcmInvocationsMax,
        isWitness: config.witness,
        signed,
        limits: { cryptoMax: config.cryptoInFlightMax, manageMax: config.manageInFlightMax },
        hsm,
        bus,
        database,
        report,
        onAlert: (alert) => logAlert(logger, alert),
      }),
      new MemoryCeiling({
        residentBytesMax: config.residentMibMax * 2 ** 20,
        everyMs: memoryEveryMs,
        mayLeave: () => takeLeaveTurn(database, pool, name),
        leave: () => service.retire(),
      }),
    ],
  });
  return { service, flush: telemetry.shutdown };
}

/** Recovers by itself; while it does, operations are refused and the process is not ready. */
function hsmComponent(hsm: Pkcs11Hsm): Component {
  return {
    name: 'hsm',
    start: () => hsm.ready(AbortSignal.timeout(hsmReadyMsMax)),
    stop: () => hsm.close(),
    unready: () => (hsm.describe().state === 'ready' ? undefined : 'recovering'),
  };
}

function logHsm(logger: Logger, event: HsmEvent): void {
  if (event.kind === 'ready') logger.info('hsm-ready', { durationMs: event.afterMs });
  else if (event.kind === 'stuck') logger.error('hsm-stuck', {});
  else logger.error('hsm-unavailable', { reason: event.reason });
}

/** What only an attack or a restored database does. */
function logAlert(logger: Logger, alert: RegistryAlert): void {
  const { kind, ...facts } = alert;
  const reason = 'reason' in facts ? facts.reason : undefined;
  const subject = 'subject' in facts ? facts.subject : undefined;
  if (kind === 'registry-restored') logger.warn(kind);
  else logger.error(kind, { reason, subject });
}
