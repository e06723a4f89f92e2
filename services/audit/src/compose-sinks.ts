/** Streaming out, on connections of its own kind: it reads as people read, and writes nothing but cursors. */
import { tlsFiles } from '@strongroom/config';
import type { KeyFile } from '@strongroom/sealed';
import type { Telemetry } from '@strongroom/telemetry';
import type { FindEntries } from './app/find-entries.ts';
import type { KnownSinks } from './app/known-sinks.ts';
import type { LogWriter } from './app/log-writer.ts';
import { makeStreamPage } from './app/stream-page.ts';
import type { AuditConfig } from './config.ts';
import { SinkPump } from './inbound/sink-pump.ts';
import type { AuditDatabase } from './outbound/postgres/audit-database.ts';
import { makeCheckpointStore } from './outbound/postgres/checkpoint-store.ts';
import { makeSinkCursors } from './outbound/postgres/sink-cursors.ts';
import { makeOpenSink } from './outbound/sinks/open-sink.ts';

export interface SinkPumpParts {
  readonly config: AuditConfig;
  readonly telemetry: Telemetry;
  readonly database: AuditDatabase;
  readonly writer: Pick<LogWriter, 'state'>;
  readonly serviceKey: Pick<KeyFile, 'sign'>;
  readonly origin: string;
  readonly known: KnownSinks;
  readonly findEntries: FindEntries;
}

export function makeSinkPump(parts: SinkPumpParts): SinkPump {
  const { config, telemetry, database, writer, serviceKey, origin, known, findEntries } = parts;
  const { logger, metrics } = telemetry;
  const { reading } = database;
  const pump = new SinkPump({
    known,
    streamPage: makeStreamPage({
      origin,
      findEntries,
      checkpoints: makeCheckpointStore(reading),
      cursors: makeSinkCursors(reading),
      cosignaturesMin: config.witnessesNeeded,
    }),
    openSink: makeOpenSink({
      directory: config.sinkDirectory,
      signAsService: serviceKey.sign,
      client: tlsFiles('sinks', undefined, config.sinkCertFile, config.sinkKeyFile),
    }),
    isWriting: () => writer.state.kind === 'writing',
    report: (task, fault) => logger.warn('task-failed', { task }, fault),
  });
  const lag = () =>
    pump.states.map(({ name, lag: value = Number.NaN }) => ({ value, labels: { sink: name } }));
  metrics.gauges('strongroom_sink_lag_entries', 'signed entries that a sink does not have', lag);
  metrics.gauges('strongroom_sink_failures', 'deliveries to a sink that failed in a row', () =>
    pump.states.map(({ name, failures }) => ({ value: failures, labels: { sink: name } })),
  );
  return pump;
}
