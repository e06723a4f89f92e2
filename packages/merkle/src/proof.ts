/**
 * Verification of proofs, RFC 9162 sections 2.1.3.2 and 2.1.4.2 step by step. Proofs come from carriers: whatever they
 * hold, the answer is no and never an exception.
 */
import { emptyRoot, isHash, nodeHash, sameHash } from './hash.ts';
import { inclusionRanges } from './range.ts';
import { half, isOdd, isPowerOfTwo, isSize } from './size.ts';

/** Root of the tree of `size` that has `leafHash` at `index`, or `undefined` for a path that fits no such tree. */
export function rootFromInclusion(
  leafHash: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!isSize(index) || !isSize(size) || index >= size) return undefined;
  if (!isHash(leafHash) || !path.every(isHash)) return undefined;
  let place = index;
  let last = size - 1;
  let root = leafHash;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (isOdd(place) || place === last) {
      root = nodeHash(sibling, root);
      // An incomplete right edge has no siblings on these levels.
      while (!isOdd(place) && place !== 0) {
        place = half(place);
        last = half(last);
      }
    } else {
      root = nodeHash(root, sibling);
    }
    place = half(place);
    last = half(last);
  }
  return last === 0 ? root : undefined;
}

/**
 * Root of the tree that ends with this leaf. Its other hashes are in the path, on the left, and so the path of the last leaf of
 * an older tree tells what the older tree was. The path MUST be one that led to the root of the tree of `size`.
 */
export function prefixRootFromInclusion(
  leafHash: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array {
  return inclusionRanges(index, size).reduce(
    (root, { end }, place) => (end <= index ? nodeHash(path[place] as Uint8Array, root) : root),
    leafHash,
  );
}

/**
 * Whether the tree of `second` extends the tree of `first`. The empty tree is extended by all: then the path is empty
 * and `firstRoot` is the root of nothing, which RFC 9162 leaves open.
 */
export function verifyConsistency(
  first: number,
  firstRoot: Uint8Array,
  second: number,
  secondRoot: Uint8Array,
  path: readonly Uint8Array[],
): boolean {
  if (!isSize(first) || !isSize(second) || first > second) return false;
  if (!isHash(firstRoot) || !isHash(secondRoot) || !path.every(isHash)) return false;
  if (first === second) return path.length === 0 && sameHash(firstRoot, secondRoot);
  if (first === 0) return path.length === 0 && sameHash(firstRoot, emptyRoot);
  const roots = rootsFromConsistency(first, second, isPowerOfTwo(first) ? [firstRoot, ...path] : path);
  return roots !== undefined && sameHash(roots.first, firstRoot) && sameHash(roots.second, secondRoot);
}

function rootsFromConsistency(first: number, second: number, path: readonly Uint8Array[]) {
  const [seed, ...siblings] = path;
  if (seed === undefined) return undefined;
  let place = first - 1;
  let last = second - 1;
  while (isOdd(place)) {
    place = half(place);
    last = half(last);
  }
  const roots = { first: seed, second: seed };
  for (const sibling of siblings) {
    if (last === 0) return undefined;
    if (isOdd(place) || place === last) {
      roots.first = nodeHash(sibling, roots.first);
      roots.second = nodeHash(sibling, roots.second);
      while (!isOdd(place) && place !== 0) {
        place = half(place);
        last = half(last);
      }
    } else {
      roots.second = nodeHash(roots.second, sibling);
    }
    place = half(place);
    last = half(last);
  }
  return last === 0 ? roots : undefined;
}
