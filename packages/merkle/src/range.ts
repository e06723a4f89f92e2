/**
 * What a proof consists of, as ranges of leaves. Every hash in an audit path (RFC 6962 section 2.1.1) or a consistency
 * proof (section 2.1.2) is the root of one range of consecutive leaves; who evaluates the ranges, over leaf hashes in
 * memory or over stored nodes, is another question.
 */
import { assertLeaf, assertSize, half, isOdd, splitOf } from './size.ts';

/** Leaves from `begin` up to and without `end`. */
export interface LeafRange {
  readonly begin: number;
  readonly end: number;
}

/** A complete subtree: the leaves from `index * 2^level`, `2^level` of them. Its hash never changes once it is there. */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** Audit path of a leaf, from the leaf up. */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  assertLeaf(index, size);
  const ranges: LeafRange[] = [];
  let begin = 0;
  let end = size;
  while (end - begin > 1) {
    const middle = begin + splitOf(end - begin);
    if (index < middle) {
      ranges.push({ begin: middle, end });
      end = middle;
    } else {
      ranges.push({ begin, end: middle });
      begin = middle;
    }
  }
  return ranges.reverse();
}

/** Consistency proof from the tree of the leaves `0` to `first`; empty where one of the trees says nothing. */
export function consistencyRanges(first: number, second: number): readonly LeafRange[] {
  assertSize(first);
  assertSize(second);
  if (first > second) throw new RangeError('a tree never shrinks');
  if (first === 0 || first === second) return [];
  const ranges: LeafRange[] = [];
  let begin = 0;
  let end = second;
  // SUBPROOF of RFC 6962 section 2.1.2, outermost step first.
  while (end !== first) {
    const middle = begin + splitOf(end - begin);
    if (first <= middle) {
      ranges.push({ begin: middle, end });
      end = middle;
    } else {
      ranges.push({ begin, end: middle });
      begin = middle;
    }
  }
  // The verifier knows the whole old tree; of a part of it, the hash is told.
  if (begin > 0) ranges.push({ begin, end });
  return ranges.reverse();
}

/** The complete subtrees that a range of a proof falls into, from left to right, largest first. */
export function rangeNodes(range: LeafRange): readonly NodeId[] {
  const nodes: NodeId[] = [];
  let begin = range.begin;
  while (begin < range.end) {
    let level = 0;
    let index = begin;
    let width = 1;
    while (!isOdd(index) && begin + width * 2 <= range.end) {
      level += 1;
      index = half(index);
      width *= 2;
    }
    nodes.push({ level, index });
    begin += width;
  }
  return nodes;
}

/** The nodes that become complete when the leaf `index` is appended, from the leaf up. */
export function nodesAddedBy(index: number): readonly NodeId[] {
  assertSize(index);
  const nodes: NodeId[] = [{ level: 0, index }];
  for (let level = 1, rest = index; isOdd(rest); level += 1) {
    rest = half(rest);
    nodes.push({ level, index: rest });
  }
  return nodes;
}
