/** Archiving, over the connections that people read with. Without a folder there is none. */
import type { Telemetry } from '@strongroom/telemetry';
import { makeArchiveSegment } from './app/archive-segment.ts';
import { makeFetchNodes } from './app/fetch-nodes.ts';
import type { LogWriter } from './app/log-writer.ts';
import type { CheckpointTrust } from './app/open-checkpoint.ts';
import type { AuditConfig } from './config.ts';
import { ArchiveRhythm } from './inbound/archive-rhythm.ts';
import { makeDirectoryArchive } from './outbound/archive/directory-archive.ts';
import { makeCheckpointStore } from './outbound/postgres/checkpoint-store.ts';
import type { Connection } from './outbound/postgres/connection.ts';
import { makeEntryReader } from './outbound/postgres/entry-reader.ts';
import { makeLogStore } from './outbound/postgres/log-store.ts';

export interface ArchivistParts {
  readonly config: Pick<AuditConfig, 'archiveDirectory' | 'witnessesNeeded'>;
  readonly telemetry: Telemetry;
  readonly reading: Connection;
  readonly writer: Pick<LogWriter, 'state'>;
  readonly trust: CheckpointTrust;
}

export function makeArchivists({
  config,
  telemetry,
  reading,
  writer,
  trust,
}: ArchivistParts): ArchiveRhythm[] {
  const { archiveDirectory } = config;
  const { logger, metrics } = telemetry;
  if (archiveDirectory === undefined) return [];
  const rhythm = new ArchiveRhythm({
    archiveSegment: makeArchiveSegment({
      archive: makeDirectoryArchive(archiveDirectory),
      reader: makeEntryReader(reading),
      checkpoints: makeCheckpointStore(reading),
      fetchNodes: makeFetchNodes(makeLogStore(reading)),
      trust,
      cosignaturesMin: config.witnessesNeeded,
    }),
    isWriting: () => writer.state.kind === 'writing',
    report: (task, fault) => logger.warn('task-failed', { task }, fault),
  });
  metrics.gauge(
    'strongroom_archive_size',
    'entries in the archive, once a segment was archived',
    () => rhythm.size,
  );
  metrics.gauge(
    'strongroom_archive_failures',
    'rounds of archiving that failed in a row',
    () => rhythm.failures,
  );
  return [rhythm];
}
