/**
 * Drops rows that a retention lets go of, some tiles at a time. Nothing is dropped on anybody's word: 1. the archive gives back,
 * octet for octet, the files that the rows make; 2. those entries, behind everything that left before, are a prefix of the tree
 * that the HSM signed and the witnesses cosigned. Only then do rows go, 256 in a statement, oldest first.
 */
import type { Entry, RetentionPlanReply } from '@strongroom/contracts';
import {
  CompactRange,
  consistencyPathFrom,
  type FetchNodes,
  leafHash,
  rangeNodes,
  verifyConsistency,
} from '@strongroom/merkle';
import { objectName } from '../domain/subject.ts';
import { tileWidth } from '../domain/tile.ts';
import type { Archive } from '../ports/archive.ts';
import type { CheckpointStore } from '../ports/checkpoint-store.ts';
import type { EntryReader } from '../ports/entry-reader.ts';
import type { DroppedObject, OldEntries } from '../ports/old-entries.ts';
import { tileFiles } from './archived-tile.ts';
import { type CheckpointTrust, openCheckpoint } from './open-checkpoint.ts';
import { tampered } from './read-tail.ts';

export interface DropArchivedParts {
  readonly plan: (asked: { readonly days: number }) => Promise<RetentionPlanReply>;
  readonly archive: Pick<Archive, 'get'>;
  readonly reader: Pick<EntryReader, 'find' | 'appends'>;
  readonly oldEntries: OldEntries;
  readonly checkpoints: Pick<CheckpointStore, 'ofSize'>;
  readonly fetchNodes: FetchNodes;
  readonly trust: CheckpointTrust;
  /** Tiles that are verified together, and then dropped. */
  readonly tilesMax?: number;
}

/** Some 16 MiB of entries. */
const tilesMaxDefault = 64;

/**
 * The returned function answers with the index that the database holds entries from now, or with nothing where nothing is to be
 * dropped. Throws `record-tampered` where database, archive and signed tree are not of one log: then nothing was dropped.
 */
export function makeDropArchived({ tilesMax = tilesMaxDefault, ...parts }: DropArchivedParts) {
  return async (days: number): Promise<number | undefined> => {
    const { heldFrom, wouldHoldFrom, cosignedSize } = await parts.plan({ days });
    const end = Math.min(wouldHoldFrom, heldFrom + tilesMax * tileWidth);
    if (heldFrom >= end) return undefined;
    const tiles = await verified(parts, heldFrom, end, cosignedSize);
    for (const [at, objects] of tiles.entries())
      if (!(await parts.oldEntries.drop(heldFrom + at * tileWidth, objects)))
        return heldFrom + at * tileWidth;
    return end;
  };
}

/** What the entries of each tile are about, once it is sure that the archive has them. */
async function verified(
  { archive, reader, checkpoints, fetchNodes, trust }: Omit<DropArchivedParts, 'tilesMax'>,
  first: number,
  end: number,
  cosignedSize: number,
): Promise<readonly (readonly DroppedObject[])[]> {
  const checkpoint = await checkpoints.ofSize(cosignedSize);
  if (checkpoint === undefined) throw tampered(`the checkpoint of ${cosignedSize} entries is gone`);
  const signed = openCheckpoint(checkpoint, trust);
  const range = CompactRange.of(
    first,
    first === 0 ? [] : await fetchNodes(rangeNodes({ begin: 0, end: first })),
  );
  const tiles: DroppedObject[][] = [];
  while (range.size < end) {
    const { found, files } = await tileFiles(reader, range.size / tileWidth);
    for (const [path, bytes] of files)
      if (Buffer.compare((await archive.get(path)) ?? new Uint8Array(), bytes) !== 0)
        throw tampered(`${path} of the archive is not what the database has`);
    tiles.push(found.flatMap(({ index, leaf }) => objectsOf(leaf).map((object) => ({ object, index }))));
    for (const { leaf } of found) range.append(leafHash(leaf));
  }
  const proof = await consistencyPathFrom(end, signed.size, fetchNodes);
  if (!verifyConsistency(end, range.root(), signed.size, signed.root, proof))
    throw tampered(`its first ${end} entries are not those that were signed`);
  return tiles;
}

/** Each object once, as the row of the entry had it. */
function objectsOf(leaf: Uint8Array): readonly string[] {
  const { body } = JSON.parse(Buffer.from(leaf).toString('utf8')) as Entry;
  return [...new Set(body.objects.map(objectName))];
}
