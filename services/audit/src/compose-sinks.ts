/** Streaming out, on connections of its own kind: it reads as people read, and writes nothing but cursors. */
import type { Bus } from '@strongroom/bus';
import { tlsFiles } from '@strongroom/config';
import type { KeyFile } from '@strongroom/sealed';
import type { Telemetry } from '@strongroom/telemetry';
import { KnownSinks } from './app/known-sinks.ts';
import type { LogWriter } from './app/log-writer.ts';
import type { CheckpointTrust } from './app/open-checkpoint.ts';
import { makeStreamPage } from './app/stream-page.ts';
import type { AuditConfig } from './config.ts';
import { SinkPump } from './inbound/sink-pump.ts';
import { makeSinkDirectory } from './outbound/bus/sink-directory.ts';
import type { AuditDatabase } from './outbound/postgres/audit-database.ts';
import { makeCheckpointStore } from './outbound/postgres/checkpoint-store.ts';
import { makeEntryReader } from './outbound/postgres/entry-reader.ts';
import { makeSinkCursors } from './outbound/postgres/sink-cursors.ts';
import { makeOpenSink } from './outbound/sinks/open-sink.ts';

export interface SinkPumpParts {
  readonly config: AuditConfig;
  readonly telemetry: Telemetry;
  readonly bus: Bus;
  readonly database: AuditDatabase;
  readonly writer: Pick<LogWriter, 'state'>;
  readonly serviceKey: Pick<KeyFile, 'sign'>;
  readonly trust: CheckpointTrust;
}

export function makeSinkPump(parts: SinkPumpParts): SinkPump {
  const { config, telemetry, bus, database, writer, serviceKey, trust } = parts;
  const { logger, metrics } = telemetry;
  const { reading } = database;
  const clock = { now: () => new Date().toISOString() };
  const pump = new SinkPump({
    known: new KnownSinks({ directory: makeSinkDirectory(bus), trust, clock }),
    streamPage: makeStreamPage({
      origin: trust.origin,
      reader: makeEntryReader(reading),
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
