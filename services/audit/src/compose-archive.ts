/** The archive: what reads it, what fills it, and what drops rows that it has. Without a folder there is none. */
import type { Telemetry } from '@strongroom/telemetry';
import { makeArchiveSegment } from './app/archive-segment.ts';
import { makeDropArchived } from './app/drop-archived.ts';
import { makeFetchNodes } from './app/fetch-nodes.ts';
import { makeFindArchived } from './app/find-archived.ts';
import { type FindEntries, makeFindEntries } from './app/find-entries.ts';
import type { KnownSinks } from './app/known-sinks.ts';
import type { LogWriter } from './app/log-writer.ts';
import type { CheckpointTrust } from './app/open-checkpoint.ts';
import { makePlanRetention } from './app/plan-retention.ts';
import type { AuditConfig } from './config.ts';
import { ArchiveRhythm } from './inbound/archive-rhythm.ts';
import { makeDirectoryArchive } from './outbound/archive/directory-archive.ts';
import { makeCheckpointStore } from './outbound/postgres/checkpoint-store.ts';
import type { Connection } from './outbound/postgres/connection.ts';
import { makeEntryReader } from './outbound/postgres/entry-reader.ts';
import { makeLogStore } from './outbound/postgres/log-store.ts';
import { makeOldEntries } from './outbound/postgres/old-entries.ts';

export interface ArchiveParts {
  readonly config: Pick<AuditConfig, 'archiveDirectory' | 'witnessesNeeded'>;
  readonly telemetry: Telemetry;
  /** That people read with: neither archiving nor dropping takes a turn of the writer. */
  readonly reading: Connection;
  readonly writer: Pick<LogWriter, 'state'>;
  readonly trust: CheckpointTrust;
  readonly known: Pick<KnownSinks, 'retentionDays'>;
}

export interface ComposedArchive {
  readonly findEntries: FindEntries;
  readonly planRetention: ReturnType<typeof makePlanRetention>;
  readonly components: readonly ArchiveRhythm[];
}

export function composeArchive(parts: ArchiveParts): ComposedArchive {
  const { config, reading, trust, known } = parts;
  const { archiveDirectory, witnessesNeeded: cosignaturesMin } = config;
  const archive = archiveDirectory === undefined ? undefined : makeDirectoryArchive(archiveDirectory);
  const reader = makeEntryReader(reading);
  const checkpoints = makeCheckpointStore(reading);
  const fetchNodes = makeFetchNodes(makeLogStore(reading));
  const clock = { now: () => new Date().toISOString() };
  const planRetention = makePlanRetention({ reader, checkpoints, archive, cosignaturesMin, clock });
  if (archive === undefined)
    return { findEntries: makeFindEntries({ reader }), planRetention, components: [] };
  const log = { archive, reader, checkpoints, fetchNodes, trust };
  const dropArchived = makeDropArchived({ ...log, plan: planRetention, oldEntries: makeOldEntries(reading) });
  const rhythm = makeRhythm(parts, {
    archiveSegment: makeArchiveSegment({ ...log, cosignaturesMin }),
    dropArchived: async () => known.retentionDays && dropArchived(known.retentionDays),
  });
  const findArchived = makeFindArchived({ archive, fetchNodes });
  return { findEntries: makeFindEntries({ reader, findArchived }), planRetention, components: [rhythm] };
}

function makeRhythm(
  { telemetry: { logger, metrics }, writer }: ArchiveParts,
  tasks: Pick<ConstructorParameters<typeof ArchiveRhythm>[0], 'archiveSegment' | 'dropArchived'>,
): ArchiveRhythm {
  const rhythm = new ArchiveRhythm({
    ...tasks,
    isWriting: () => writer.state.kind === 'writing',
    report: (task, fault) => logger.warn('task-failed', { task }, fault),
  });
  const size = () => rhythm.size;
  metrics.gauge('strongroom_archive_size', 'entries in the archive, once a segment was archived', size);
  metrics.gauge(
    'strongroom_archive_failures',
    'rounds of archiving and dropping that failed in a row',
    () => rhythm.failures,
  );
  return rhythm;
}
