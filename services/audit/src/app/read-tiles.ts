/**
 * The log as files that anybody's tooling can read and check: the newest signed checkpoint, and the tiles and entries that
 * it covers. What is committed and not signed yet is not there yet.
 */
import { formatBundle, withCosignatures } from '@strongroom/merkle';
import { tileHeight, tileWidth } from '../domain/tile.ts';
import type { TilePath } from '../domain/tile-path.ts';
import type { CheckpointStore } from '../ports/checkpoint-store.ts';
import type { LogStore } from '../ports/log-store.ts';

export interface ReadTilesParts {
  readonly store: Pick<LogStore, 'tiles' | 'leaves'>;
  readonly checkpoints: Pick<CheckpointStore, 'newest'>;
  /** How many witnesses have to have cosigned what is served. */
  readonly cosignaturesMin: number;
}

const hashBytes = 32;

/** The returned function answers with nothing where there is nothing. Throws `database-unavailable`. */
export function makeReadTiles({ store, checkpoints, cosignaturesMin }: ReadTilesParts) {
  return async (path: TilePath): Promise<Uint8Array | undefined> => {
    const newest = await checkpoints.newest(cosignaturesMin);
    if (newest === undefined) return undefined;
    if (path.kind === 'checkpoint')
      return Buffer.from(withCosignatures(newest.note, newest.cosignatures), 'utf8');
    const [level, index] = path.kind === 'entries' ? [0, path.index] : [path.tile.level, path.tile.index];
    const end = index * tileWidth + path.width;
    // Level 63 of a tile is beyond any size that a number can say: then the product is not finite, or too large.
    if (end * 2 ** (level * tileHeight) > newest.size) return undefined;
    if (path.kind === 'entries') {
      const leaves = await store.leaves(end - path.width, end);
      // Nothing where some have left the database.
      return leaves.length === path.width ? formatBundle(leaves) : undefined;
    }
    const [hashes] = await store.tiles([path.tile]);
    const wanted = hashes?.subarray(0, path.width * hashBytes);
    return wanted?.length === path.width * hashBytes ? wanted : undefined;
  };
}
