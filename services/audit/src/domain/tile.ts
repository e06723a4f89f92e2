/**
 * Hash tiles of height 8, as in C2SP tlog-tiles (https://c2sp.org/tlog-tiles): tile (t, n) holds up to 256 hashes of level
 * 8t, from index 256n. Nodes on the levels between are computed from their tile, so a log of n entries stores n leaf
 * hashes and n/255 others instead of 2n (measured: rows of nodes would cost as much as the entries).
 */
import { type NodeId, nodeHash, type StoredNode } from '@strongroom/merkle';

export const tileHeight = 8;
export const tileWidth = 2 ** tileHeight;
const hashBytes = 32;

export interface TileId {
  /** Counts tiles: hashes of tree level `8 * level`. */
  readonly level: number;
  readonly index: number;
}

/** The part of a tile that a node is the root of. */
export interface TilePart {
  readonly tile: TileId;
  /** First hash and number of hashes. */
  readonly from: number;
  readonly width: number;
}

/** Whether a node is a hash of a tile. Leaf hashes are kept with their entries. */
export const isTileNode = ({ level }: StoredNode): boolean => level > 0 && level % tileHeight === 0;

export function tilePartOf({ level, index }: NodeId): TilePart {
  const tileLevel = Math.floor(level / tileHeight);
  const width = 2 ** (level % tileHeight);
  const first = index * width;
  const tileIndex = Math.floor(first / tileWidth);
  return { tile: { level: tileLevel, index: tileIndex }, from: first - tileIndex * tileWidth, width };
}

/** Hash of the node, or `undefined` when the tile does not hold all of it. */
export function nodeOfTile(hashes: Uint8Array, { from, width }: TilePart): Uint8Array | undefined {
  if (hashes.length < (from + width) * hashBytes) return undefined;
  let row = Array.from({ length: width }, (_, at) =>
    hashes.subarray((from + at) * hashBytes, (from + at + 1) * hashBytes),
  );
  while (row.length > 1) {
    row = Array.from({ length: row.length / 2 }, (_, at) =>
      nodeHash(row[2 * at] as Uint8Array, row[2 * at + 1] as Uint8Array),
    );
  }
  return row[0];
}
