/** The side of the service that writes: who has the pen, what keeps it writing, and what is told of it. */
import type { Bus } from '@strongroom/bus';
import type { Component } from '@strongroom/lifecycle';
import type { Telemetry } from '@strongroom/telemetry';
import { makeAwaitTurn } from './app/await-turn.ts';
import { makeFetchNodes } from './app/fetch-nodes.ts';
import { type LogKeeper, makeKeepLog } from './app/keep-log.ts';
import { LogWriter } from './app/log-writer.ts';
import type { CheckpointTrust } from './app/open-checkpoint.ts';
import { makeOpenLog } from './app/open-log.ts';
import { makeSignCheckpoint } from './app/sign-checkpoint.ts';
import type { WriterState } from './app/writer-state.ts';
import type { Intake } from './inbound/intake.ts';
import { makeWitness } from './outbound/bus/witness.ts';
import { makeCheckpointStore } from './outbound/postgres/checkpoint-store.ts';
import type { Connection } from './outbound/postgres/connection.ts';
import { makeLogStore } from './outbound/postgres/log-store.ts';
import type { Clock } from './ports/clock.ts';
import type { LogStore } from './ports/log-store.ts';

export interface WriterParts {
  readonly connection: Connection;
  readonly bus: Bus;
  readonly trust: CheckpointTrust;
  readonly clock: Clock;
  readonly signAsService: (data: Uint8Array) => Uint8Array;
  readonly telemetry: Telemetry;
  /** After each change. */
  readonly onState: (state: WriterState) => void;
}

export function composeWriter(parts: WriterParts): {
  readonly writer: LogWriter;
  readonly keeper: LogKeeper;
} {
  const { connection, bus, trust, clock, signAsService, telemetry } = parts;
  const store = makeLogStore(connection);
  const checkpoints = makeCheckpointStore(connection);
  const witness = makeWitness(bus);
  const writer = makeWriter(store, parts);
  const isReachable = () => bus.state === 'connected';
  const awaitTurn = makeAwaitTurn({ store, status: writer.status, clock, isReachable });
  const fetchNodes = makeFetchNodes(store);
  const signCheckpoint = makeSignCheckpoint({ checkpoints, witness, fetchNodes, ...trust });
  const receiptKey = { witness, signAsService, identity: trust.identity, clock };
  const openLog = makeOpenLog({ store, awaitTurn, checkpoints, writer, receiptKey, signCheckpoint, trust });
  const keeper = makeKeepLog({ writer, openLog, signCheckpoint, isReachable });
  const signed = () => keeper.signedSize;
  telemetry.metrics.gauge('strongroom_log_signed_size', 'entries in the newest checkpoint', signed);
  return { writer, keeper };
}

/** The writer with its log lines and its metrics. */
function makeWriter(
  store: LogStore,
  { clock, telemetry: { logger, metrics }, onState: follow }: WriterParts,
): LogWriter {
  const appended = metrics.counter('strongroom_log_entries_total', 'entries committed by this process');
  const committed = metrics.duration('strongroom_log_commit_seconds', 'time of a commit');
  const writer = new LogWriter({
    store,
    clock,
    onState(state) {
      const fields = { state: state.kind, ...('reason' in state ? { reason: state.reason } : {}) };
      if (state.kind === 'stopped' || state.kind === 'fenced') logger.error('writer-state', fields);
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

/** Ready when appends are taken, or when another process is known to take them; stopped when all are answered. */
export function writerComponent(writer: LogWriter, intake: Intake): Component {
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
      if (state.kind === 'standing-by' && state.seesWriter) return undefined;
      if (state.kind !== 'writing') return `${state.kind}: ${state.reason}`;
      return intake.isListening ? undefined : 'not listening for appends yet';
    },
  };
}
