/**
 * Copies sealed segments of the log into an archive, laid out as C2SP tlog-tiles, so that anybody's tooling reads it. A segment
 * is sealed when a checkpoint with all the cosignatures it needs covers all of it. What was written is read back and hashed, and the tree of everything
 * archived so far must be a prefix of the signed tree: neither the database nor the archive is believed. `sealed.json` comes
 * last and says how far that holds; what lies beyond it is written again.
 */
import { type CanonicalValue, canonicalBytes, encodeBytes } from '@strongroom/canonical';
import type { ArchiveSeal } from '@strongroom/contracts';
import {
  type CompactRange,
  consistencyPathFrom,
  type FetchNodes,
  leafHash,
  parseBundle,
  type StoredNode,
  verifyConsistency,
  withCosignatures,
} from '@strongroom/merkle';
import { entriesPath, sealedPath } from '../domain/archive-path.ts';
import { tileHeight, tileWidth } from '../domain/tile.ts';
import { formatTilePath } from '../domain/tile-path.ts';
import type { Archive } from '../ports/archive.ts';
import type { CheckpointStore } from '../ports/checkpoint-store.ts';
import type { EntryReader } from '../ports/entry-reader.ts';
import { tileFiles } from './archived-tile.ts';
import { type CheckpointTrust, openCheckpoint } from './open-checkpoint.ts';
import { readSeal } from './read-seal.ts';
import { tampered } from './read-tail.ts';

export interface ArchiveSegmentParts {
  readonly archive: Archive;
  readonly reader: Pick<EntryReader, 'find' | 'appends'>;
  readonly checkpoints: Pick<CheckpointStore, 'newest'>;
  readonly fetchNodes: FetchNodes;
  readonly trust: CheckpointTrust;
  /** How many witnesses have to have cosigned the checkpoint. */
  readonly cosignaturesMin: number;
  /** Tiles of 256 entries in a segment. */
  readonly segmentTiles?: number;
}

const hashBytes = 32;

/**
 * The returned function archives the next segment and answers with the size of the archive, or with nothing where no further
 * segment is sealed. Throws `record-tampered` where database, archive and signed tree are not of one log.
 */
export function makeArchiveSegment(parts: ArchiveSegmentParts) {
  const { archive, checkpoints, fetchNodes, trust, cosignaturesMin, segmentTiles = tileWidth } = parts;
  let sealed: CompactRange | undefined;

  return async (): Promise<number | undefined> => {
    sealed ??= await readSeal(archive);
    const end = sealed.size + segmentTiles * tileWidth;
    const checkpoint = await checkpoints.newest(cosignaturesMin);
    if (checkpoint === undefined || checkpoint.size < end) return undefined;
    const signed = openCheckpoint(checkpoint, trust);
    const range = sealed.copy();
    const roots: StoredNode[] = [];
    while (range.size < end) roots.push(...(await archiveTile(parts, range)));
    if (roots.length === tileWidth)
      await archive.put(
        formatTilePath(1, Math.floor((end - 1) / tileWidth ** 2)),
        Buffer.concat(roots.map(({ hash }) => hash)),
      );
    const proof = await consistencyPathFrom(end, signed.size, fetchNodes);
    if (!verifyConsistency(end, range.root(), signed.size, signed.root, proof))
      throw tampered(`its first ${end} entries, as the archive has them, are not those that were signed`);
    const told: ArchiveSeal = {
      identity: encodeBytes(trust.identity),
      range: encodeBytes(range.serialise()),
      size: end,
      checkpoint: withCosignatures(checkpoint.note, checkpoint.cosignatures),
      checkpointSize: checkpoint.size,
      logKey: checkpoint.logKey,
      consistency: proof.map(encodeBytes),
    };
    await archive.put(sealedPath, canonicalBytes(told as unknown as CanonicalValue));
    sealed = range;
    return end;
  };
}

/** Writes 256 entries, reads them back and adds what came back to the tree. Answers with the roots of tiles it completed. */
async function archiveTile(
  { archive, reader }: ArchiveSegmentParts,
  range: CompactRange,
): Promise<readonly StoredNode[]> {
  const first = range.size;
  const tile = first / tileWidth;
  const { files } = await tileFiles(reader, tile);
  for (const [path, bytes] of files) await archive.put(path, bytes);
  const path = entriesPath(tile);
  const leaves = parseBundle((await archive.get(path)) ?? new Uint8Array());
  if (leaves?.length !== tileWidth) throw tampered(`${path} does not come back as it was written`);
  const hashes = leaves.map(leafHash);
  await archive.put(formatTilePath(0, tile), Buffer.concat(hashes, tileWidth * hashBytes));
  return hashes.flatMap((hash) => range.append(hash)).filter(({ level }) => level === tileHeight);
}
