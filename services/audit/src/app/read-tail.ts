/**
 * The end of the log as its writer holds it between two commits. It is always read from the store: at the start, and
 * again after every commit whose outcome is in doubt.
 */
import { StrongroomError } from '@strongroom/errors';
import { CompactRange, leafHash, rangeNodes } from '@strongroom/merkle';
import { placementOf } from '../domain/entry.ts';
import { tileWidth } from '../domain/tile.ts';
import type { LogStore } from '../ports/log-store.ts';
import { makeFetchNodes } from './fetch-nodes.ts';

export interface LogTail {
  readonly tree: CompactRange;
  /** Time of the last entry; '' in an empty log. */
  readonly at: string;
}

/**
 * Throws `record-tampered` with the exact reason where the store does not hold what its size says. The entries of the
 * last tile are hashed again; those before are covered by the root, which is compared with signed checkpoints.
 */
export async function readTail(store: LogStore, size: number): Promise<LogTail> {
  const tile = Math.floor(Math.max(size - 1, 0) / tileWidth);
  const first = tile * tileWidth;
  // Asks for one more than there should be: entries beyond the size are as wrong as missing ones.
  const leaves = await store.leaves(first, size + 1);
  if (first + leaves.length !== size) {
    throw tampered(`its entries end at ${first + leaves.length}, its writer committed ${size}`);
  }
  const [hashes] = await store.tiles([{ level: 0, index: tile }]);
  if (hashes === undefined || Buffer.compare(Buffer.concat(leaves.map(leafHash)), hashes) !== 0) {
    throw tampered(`entries from ${first} do not have their leaf hashes`);
  }
  const last = leaves.at(-1);
  return { tree: await readTree(store, size), at: last === undefined ? '' : placementOf(last).at };
}

/** The tail of a log that has grown, after a look at whether it still begins with what was acknowledged. */
export async function readTailBeyond(
  store: LogStore,
  size: number,
  acknowledged: { readonly size: number; readonly root: Uint8Array },
): Promise<LogTail> {
  const before = await readTree(store, acknowledged.size);
  if (Buffer.compare(before.root(), acknowledged.root) !== 0) {
    throw tampered(`its first ${acknowledged.size} entries are others`);
  }
  return readTail(store, size);
}

/** The tree of the first `size` entries, from stored hashes. Throws `record-tampered` where one is missing. */
export async function readTree(store: LogStore, size: number): Promise<CompactRange> {
  const fetchNodes = makeFetchNodes(store);
  return CompactRange.of(size, size === 0 ? [] : await fetchNodes(rangeNodes({ begin: 0, end: size })));
}

export function tampered(detail: string): StrongroomError {
  return new StrongroomError('record-tampered', {
    detail: `the stored log is not the one that was written: ${detail}`,
  });
}
