/**
 * Proofs over a log too large for memory, from a store of complete subtrees by (level, index). Those never change, so
 * a store only ever inserts. The nodes of one call are asked for together, each once.
 */
import { emptyRoot, nodeHash } from './hash.ts';
import { consistencyRanges, inclusionRanges, type LeafRange, type NodeId, rangeNodes } from './range.ts';
import { assertSize } from './size.ts';

/** Hashes of the nodes in the order asked. It MUST throw where one is missing: a hole is damage, not an answer. */
export type FetchNodes = (ids: readonly NodeId[]) => Promise<readonly Uint8Array[]>;

export async function rootFrom(size: number, fetchNodes: FetchNodes): Promise<Uint8Array> {
  assertSize(size);
  if (size === 0) return emptyRoot;
  const [[root]] = (await evaluate([[{ begin: 0, end: size }]], fetchNodes)) as [[Uint8Array]];
  return root;
}

export async function inclusionPathFrom(
  index: number,
  size: number,
  fetchNodes: FetchNodes,
): Promise<readonly Uint8Array[]> {
  return (await inclusionPathsFrom([index], size, fetchNodes))[0] ?? [];
}

/** Audit paths of several leaves in one fetch; the paths of a page of entries share most of their nodes. */
export function inclusionPathsFrom(
  indexes: readonly number[],
  size: number,
  fetchNodes: FetchNodes,
): Promise<readonly (readonly Uint8Array[])[]> {
  return evaluate(
    indexes.map((index) => inclusionRanges(index, size)),
    fetchNodes,
  );
}

export async function consistencyPathFrom(
  first: number,
  size: number,
  fetchNodes: FetchNodes,
): Promise<readonly Uint8Array[]> {
  return (await evaluate([consistencyRanges(first, size)], fetchNodes))[0] ?? [];
}

const keyOf = (id: NodeId): string => `${id.level}/${id.index}`;

async function evaluate(
  paths: readonly (readonly LeafRange[])[],
  fetchNodes: FetchNodes,
): Promise<readonly (readonly Uint8Array[])[]> {
  const wanted = new Map<string, NodeId>();
  for (const range of paths.flat()) for (const id of rangeNodes(range)) wanted.set(keyOf(id), id);
  const ids = [...wanted.values()];
  const hashes = ids.length === 0 ? [] : await fetchNodes(ids);
  if (hashes.length !== ids.length) throw new RangeError('the store answered with another number of nodes');
  const found = new Map(ids.map((id, place) => [keyOf(id), hashes[place] as Uint8Array]));
  const hashOf = (range: LeafRange): Uint8Array =>
    rangeNodes(range)
      .map((id) => found.get(keyOf(id)) as Uint8Array)
      .reduceRight((right, left) => nodeHash(left, right));
  return paths.map((path) => path.map(hashOf));
}
