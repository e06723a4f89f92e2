/**
 * What a retention lets go of now. An entry may leave the database when it is old enough, archived, and below a checkpoint with all
 * the cosignatures that policy needs; where it needs none nothing leaves, because then nobody outside has seen what the archive
 * is held against. The last entries never leave: the writer reads them when it starts.
 */
import type { RetentionPlanReply } from '@strongroom/contracts';
import { tileWidth } from '../domain/tile.ts';
import type { Archive } from '../ports/archive.ts';
import type { CheckpointStore } from '../ports/checkpoint-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EntryReader } from '../ports/entry-reader.ts';
import { readSeal } from './read-seal.ts';

export interface PlanRetentionParts {
  readonly reader: Pick<EntryReader, 'heldFrom' | 'firstSince' | 'size'>;
  readonly checkpoints: Pick<CheckpointStore, 'newest'>;
  /** Absent where none is configured. */
  readonly archive: Pick<Archive, 'get'> | undefined;
  readonly cosignaturesMin: number;
  readonly clock: Pick<Clock, 'now'>;
}

const dayMs = 86_400_000;

/** Changes nothing. The returned function throws `database-unavailable`, `record-tampered`, and what the archive throws. */
export function makePlanRetention(parts: PlanRetentionParts) {
  const { reader, checkpoints, archive, cosignaturesMin, clock } = parts;
  return async ({ days }: { readonly days: number }): Promise<RetentionPlanReply> => {
    const size = await reader.size();
    const oldest = new Date(Date.parse(clock.now()) - days * dayMs).toISOString();
    const agedSize = (await reader.firstSince(oldest, size)) ?? 0;
    const archivedSize = archive === undefined ? 0 : (await readSeal(archive)).size;
    const cosigned = cosignaturesMin === 0 ? undefined : await checkpoints.newest(cosignaturesMin);
    const cosignedSize = cosigned?.size ?? 0;
    const heldFrom = await reader.heldFrom();
    const end = Math.min(agedSize, archivedSize, Math.max(cosignedSize - 1, 0));
    const wouldHoldFrom = Math.max(heldFrom, Math.floor(end / tileWidth) * tileWidth);
    return { heldFrom, wouldHoldFrom, agedSize, archivedSize, cosignedSize, size };
  };
}
