/** Tree nodes from the tiles of the store; the tiles of one call are read together, each once. */
import { StrongroomError } from '@strongroom/errors';
import type { FetchNodes } from '@strongroom/merkle';
import { nodeOfTile, type TileId, tilePartOf } from '../domain/tile.ts';
import type { LogStore } from '../ports/log-store.ts';

/** The returned function throws `record-tampered` where a node that must be there is not. */
export function makeFetchNodes(store: Pick<LogStore, 'tiles'>): FetchNodes {
  return async (ids) => {
    const parts = ids.map(tilePartOf);
    const wanted = new Map<string, TileId>(parts.map(({ tile }) => [nameOf(tile), tile]));
    const hashes = await store.tiles([...wanted.values()]);
    const found = new Map([...wanted.keys()].map((name, at) => [name, hashes[at]]));
    return parts.map((part) => {
      const node = nodeOfTile(found.get(nameOf(part.tile)) ?? new Uint8Array(), part);
      if (node === undefined) {
        const { level, index } = part.tile;
        throw new StrongroomError('record-tampered', {
          detail: `hashes are missing in tile ${level}/${index}`,
        });
      }
      return node;
    });
  };
}

const nameOf = ({ level, index }: TileId): string => `${level}/${index}`;
