/** Who outside cosigns the checkpoints, and what is told of it. */
import { StrongroomError } from '@strongroom/errors';
import type { Telemetry } from '@strongroom/telemetry';
import { makeCosignCheckpoints } from './app/cosign-checkpoints.ts';
import { makeFetchNodes } from './app/fetch-nodes.ts';
import type { LogWriter } from './app/log-writer.ts';
import type { AuditConfig } from './config.ts';
import { parseWitnessList } from './domain/witness-list.ts';
import { makeWitnessClient } from './outbound/http/witness-client.ts';
import { makeCheckpointStore } from './outbound/postgres/checkpoint-store.ts';
import type { Connection } from './outbound/postgres/connection.ts';
import { makeLogStore } from './outbound/postgres/log-store.ts';
import type { Clock } from './ports/clock.ts';

export interface WitnessParts {
  readonly config: Pick<AuditConfig, 'witnessesFile' | 'witnessesNeeded'>;
  readonly connection: Connection;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly writer: LogWriter;
}

/** Throws `configuration-invalid` for a list that is none, or that has fewer witnesses than are needed. */
export function composeWitnesses({ config, connection, clock, telemetry, writer }: WitnessParts) {
  const { logger, metrics } = telemetry;
  const listed = parseWitnessList(config.witnessesFile ?? '');
  if (typeof listed === 'string')
    throw new StrongroomError('configuration-invalid', { detail: `witnesses: ${listed}` });
  if (listed.length < config.witnessesNeeded) {
    const detail = `witnesses: ${config.witnessesNeeded} are needed, ${listed.length} are listed`;
    throw new StrongroomError('configuration-invalid', { detail });
  }
  const round = makeCosignCheckpoints({
    witnesses: listed.map(makeWitnessClient),
    checkpoints: makeCheckpointStore(connection),
    fetchNodes: makeFetchNodes(makeLogStore(connection)),
    clock,
    onTrouble(witness, reason) {
      if (reason === undefined) logger.info('witness-follows', { peer: witness });
      else logger.error('witness-does-not-cosign', { peer: witness, reason });
    },
    onRollback: (reason) => writer.status.stop(reason),
  });
  metrics.gauges('strongroom_witness_lag_entries', 'signed entries that a witness has not cosigned', () =>
    round.lag().map(({ name: witness, entries: value }) => ({ value, labels: { witness } })),
  );
  metrics.gauges('strongroom_witness_behind_seconds', 'since when a witness lacks some', () =>
    round.lag().map(({ name: witness, behindMs }) => ({ value: behindMs / 1_000, labels: { witness } })),
  );
  return {
    /** Only the writer asks: two that do would be told of each other's sizes. */
    cosign: async (): Promise<void> => {
      if (listed.length > 0 && writer.state.kind === 'writing') await round.ask();
    },
  };
}
