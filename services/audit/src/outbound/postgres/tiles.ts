import { type TileId, tileHeight, tileWidth } from '../../domain/tile.ts';
import type { Connection } from './connection.ts';

/** The server puts each tile together: one value of 8 KiB costs the driver less than 256 rows. */
const leafTiles = `
SELECT tile AS index, string_agg(leaf_hash, ''::bytea ORDER BY entry.index) AS hashes
FROM unnest($1::bigint[]) AS wanted (tile)
JOIN entry ON entry.index >= tile * ${tileWidth} AND entry.index < (tile + 1) * ${tileWidth}
GROUP BY tile
UNION ALL SELECT index, hashes FROM leaf_tile WHERE index = ANY ($1::bigint[])`;
const upperTiles = `
SELECT tile AS index, string_agg(hash, ''::bytea ORDER BY subtree.index) AS hashes
FROM unnest($1::bigint[]) AS wanted (tile)
JOIN subtree ON level = $2 AND subtree.index >= tile * ${tileWidth} AND subtree.index < (tile + 1) * ${tileWidth}
GROUP BY tile`;

export async function readTiles(
  connection: Connection,
  tiles: readonly TileId[],
): Promise<readonly Uint8Array[]> {
  const found = new Map<string, Uint8Array>();
  for (const level of new Set(tiles.map((tile) => tile.level))) {
    const indexes = tiles.filter((tile) => tile.level === level).map(({ index }) => index);
    const rows = await connection.rows<{ index: number; hashes: Buffer }>(
      level === 0
        ? { name: 'leaf-tiles', text: leafTiles, values: [indexes] }
        : { name: 'upper-tiles', text: upperTiles, values: [indexes, level * tileHeight] },
    );
    for (const { index, hashes } of rows) found.set(`${level}/${index}`, hashes);
  }
  return tiles.map(({ level, index }) => found.get(`${level}/${index}`) ?? new Uint8Array());
}
