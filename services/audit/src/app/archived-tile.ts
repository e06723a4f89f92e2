/** 256 entries on their way into the archive and back. What comes back is hashed again before it is called an entry. */
import { CanonicalError, type CanonicalValue, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import { type ArchivedSigners, checkers } from '@strongroom/contracts';
import { CompactRange, type FetchNodes, formatBundle, leafHash, parseBundle } from '@strongroom/merkle';
import { appendsPath, entriesPath } from '../domain/archive-path.ts';
import type { NewAppend } from '../domain/batch.ts';
import { tileHeight, tileWidth } from '../domain/tile.ts';
import type { Archive } from '../ports/archive.ts';
import type { EntryReader, ReadEntry } from '../ports/entry-reader.ts';
import { fromExported, toExported } from './exported-append.ts';
import { tampered } from './read-tail.ts';

/** What the files of a tile hold, by their paths: a pure function of its rows. */
export async function tileFiles(
  reader: Pick<EntryReader, 'find' | 'appends'>,
  tile: number,
): Promise<{ readonly found: readonly ReadEntry[]; readonly files: ReadonlyMap<string, Uint8Array> }> {
  const first = tile * tileWidth;
  const span = { first, end: first + tileWidth, anyOf: [{ objects: [] }] };
  const found = await reader.find({ ...span, order: 'oldest-first', limit: tileWidth });
  if (found.length !== tileWidth) throw tampered(`of the entries from ${first} some are not there`);
  const appends = await reader.appends([...new Set(found.map(({ append }) => append))]);
  const signers: ArchivedSigners = {
    places: found.map(({ append, offset }) => [append, offset]),
    appends: appends.toSorted((one, other) => one.id - other.id).map(toExported),
  };
  const files = new Map([
    [entriesPath(tile), formatBundle(found.map(({ leaf }) => leaf))],
    [appendsPath(tile), canonicalBytes(signers as unknown as CanonicalValue)],
  ]);
  return { found, files };
}

export interface ReadTileParts {
  readonly archive: Pick<Archive, 'get'>;
  readonly fetchNodes: FetchNodes;
}

/** The leaves of a full tile. Throws `record-tampered` where they are not those of the tree. */
export async function readLeaves(
  { archive, fetchNodes }: ReadTileParts,
  tile: number,
): Promise<readonly Uint8Array[]> {
  const path = entriesPath(tile);
  const leaves = parseBundle((await archive.get(path)) ?? new Uint8Array());
  if (leaves?.length !== tileWidth) throw tampered(`${path} of the archive is missing or not whole`);
  const range = CompactRange.of(0, []);
  for (const leaf of leaves) range.append(leafHash(leaf));
  const [node] = await fetchNodes([{ level: tileHeight, index: tile }]);
  if (node === undefined || Buffer.compare(range.root(), node) !== 0)
    throw tampered(`${path} of the archive does not hold the entries of the tree`);
  return leaves;
}

export interface Signers {
  readonly places: ArchivedSigners['places'];
  readonly appends: readonly NewAppend[];
}

/** Who signed the entries of a tile. Whether they did is for whoever verifies the export. Throws `record-tampered`. */
export async function readSigners(
  { archive }: Pick<ReadTileParts, 'archive'>,
  tile: number,
): Promise<Signers> {
  const signers = parsed((await archive.get(appendsPath(tile))) ?? new Uint8Array());
  if (!checkers.archivedSigners.check(signers))
    throw tampered(`${appendsPath(tile)} of the archive is missing or not whole`);
  return { places: signers.places, appends: signers.appends.map(fromExported) };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes);
  } catch (fault) {
    if (fault instanceof CanonicalError) return undefined;
    throw fault;
  }
}
