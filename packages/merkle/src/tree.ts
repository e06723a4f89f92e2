/** Roots and proofs over leaf hashes that are all at hand, such as those of one batch. */
import { emptyRoot, nodeHash } from './hash.ts';
import { consistencyRanges, inclusionRanges } from './range.ts';
import { splitOf } from './size.ts';

export function rootHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return emptyRoot;
  if (leaves.length === 1) return only;
  const split = splitOf(leaves.length);
  return nodeHash(rootHash(leaves.slice(0, split)), rootHash(leaves.slice(split)));
}

/** Audit path (RFC 6962 section 2.1.1), from the leaf up. */
export function inclusionPath(index: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  return inclusionRanges(index, leaves.length).map(({ begin, end }) => rootHash(leaves.slice(begin, end)));
}

/** Consistency proof (RFC 6962 section 2.1.2) from the tree of the first `first` leaves. */
export function consistencyPath(first: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  return consistencyRanges(first, leaves.length).map(({ begin, end }) => rootHash(leaves.slice(begin, end)));
}

export interface BatchProofs {
  readonly root: Uint8Array;
  /** Audit path of each leaf, in the order of the leaves. */
  readonly paths: readonly (readonly Uint8Array[])[];
}

/** Root and every audit path at once, each node hashed once: what a batch of receipts needs. */
export function batchProofs(leaves: readonly Uint8Array[]): BatchProofs {
  if (leaves.length <= 1) return { root: rootHash(leaves), paths: leaves.map(() => []) };
  const split = splitOf(leaves.length);
  const left = batchProofs(leaves.slice(0, split));
  const right = batchProofs(leaves.slice(split));
  return {
    root: nodeHash(left.root, right.root),
    paths: [
      ...left.paths.map((path) => [...path, right.root]),
      ...right.paths.map((path) => [...path, left.root]),
    ],
  };
}
