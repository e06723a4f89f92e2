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
