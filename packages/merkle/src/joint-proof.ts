/**
 * Inclusion proofs of several leaves of one tree, in their order, with each node at most once. The proof of a leaf is its audit
 * path (RFC 6962 section 2.1.1), cut off where it reaches a subtree that an earlier proof has led to the root already. Of a run
 * of leaves that is one hash for each, of leaves far apart nearly a whole path; and every leaf is bound to the root at once,
 * so the first one that is not in the tree is known by its index.
 */
import { isHash, nodeHash, sameHash } from './hash.ts';
import { inclusionRanges, type LeafRange } from './range.ts';
import { isSize, splitOf } from './size.ts';

/** What is above a node: its sibling, and what is above their parent. */
interface Above {
  readonly sibling: Uint8Array;
  readonly next: Above | undefined;
}

interface ProvenSubtree extends LeafRange {
  readonly hash: Uint8Array;
  readonly above: Above | undefined;
}

interface Sibling extends LeafRange {
  readonly isRight: boolean;
}

export class JointProof {
  /** Subtrees to the right of the last leaf, in the end the nearest: as many as the tree is high. */
  readonly #proven: ProvenSubtree[];
  #last: Above | undefined;

  constructor(size: number, root: Uint8Array) {
    this.#proven = [{ begin: 0, end: size, hash: root, above: undefined }];
  }

  /** Leaves in ascending order; whatever the proof holds, the answer is no and never an exception. After a no nothing is proven. */
  prove(index: number, leafHash: Uint8Array, path: readonly Uint8Array[]): boolean {
    if (!isSize(index) || !isHash(leafHash) || !path.every(isHash)) return this.#refuse();
    let subtree = this.#proven.pop();
    while (subtree !== undefined && subtree.end <= index) subtree = this.#proven.pop();
    if (subtree === undefined || index < subtree.begin) return this.#refuse();
    const siblings = siblingsIn(subtree, index);
    if (siblings.length !== path.length) return this.#refuse();
    /** On the way from the leaf up, the leaf first. */
    const nodes = [leafHash];
    for (const [height, sibling] of path.entries()) {
      const node = nodes[height] as Uint8Array;
      nodes.push(siblings.at(-1 - height)?.isRight ? nodeHash(node, sibling) : nodeHash(sibling, node));
    }
    if (!sameHash(nodes[path.length] as Uint8Array, subtree.hash)) return this.#refuse();
    let { above } = subtree;
    for (const [depth, { isRight, begin, end }] of siblings.entries()) {
      const height = path.length - 1 - depth;
      const hash = path[height] as Uint8Array;
      if (isRight)
        this.#proven.push({ begin, end, hash, above: { sibling: nodes[height] as Uint8Array, next: above } });
      above = { sibling: hash, next: above };
    }
    this.#last = above;
    return true;
  }

  /** Of the last leaf that was proven, the whole audit path. */
  auditPath(): readonly Uint8Array[] {
    const path: Uint8Array[] = [];
    for (let above = this.#last; above !== undefined; above = above.next) path.push(above.sibling);
    return path;
  }

  #refuse(): false {
    this.#proven.length = 0;
    return false;
  }
}

/** From the root of the subtree down to the leaf. */
function siblingsIn({ begin, end }: LeafRange, index: number): readonly Sibling[] {
  const siblings: Sibling[] = [];
  let [first, last] = [begin, end];
  while (last - first > 1) {
    const middle = first + splitOf(last - first);
    const isRight = index < middle;
    siblings.push(isRight ? { isRight, begin: middle, end: last } : { isRight, begin: first, end: middle });
    if (isRight) last = middle;
    else first = middle;
  }
  return siblings;
}

/** How many hashes of the audit path of a leaf are left to show, from the leaf up, after the proof of an earlier leaf. */
export function unprovenHashes(index: number, size: number, previous?: number): number {
  const ranges = inclusionRanges(index, size);
  if (previous === undefined) return ranges.length;
  if (previous >= index) throw new RangeError('leaves are proven in ascending order');
  // The sibling on the path that holds the earlier leaf: it parts here from the path of this one.
  return ranges.findIndex(({ begin, end }) => begin <= previous && previous < end);
}
