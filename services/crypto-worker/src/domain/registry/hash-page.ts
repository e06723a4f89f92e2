/**
 * An immutable Merkle tree over exactly 256 hashes, the unit in which the dictionary's tree is stored and compared. Its
 * nodes lie in one array in heap order: 1 is the root, the children of n are 2n and 2n+1, 256 to 511 are the leaves. The
 * leaves are thus one run of 8 KiB, which is what the database keeps of a page.
 */
import { equalBytes } from '@strongroom/canonical';
import { nodeHash } from '@strongroom/merkle';

export const pageLeafCount = 256;
const hashSize = 32;
export const pageBytes: number = pageLeafCount * hashSize;

export class HashPage {
  readonly #nodes: Uint8Array;

  private constructor(nodes: Uint8Array) {
    this.#nodes = nodes;
  }

  /** `undefined` where the bytes are no page. 255 hashes: about half a millisecond. */
  static of(leaves: Uint8Array): HashPage | undefined {
    if (leaves.length !== pageBytes) return undefined;
    const page = new HashPage(new Uint8Array(2 * pageBytes));
    page.#nodes.set(leaves, pageBytes);
    for (let node = pageLeafCount - 1; node >= 1; node -= 1) page.#rehash(node);
    return page;
  }

  /** All leaves alike: one hash a level. */
  static filled(leaf: Uint8Array): HashPage {
    const nodes = new Uint8Array(2 * pageBytes);
    let hash = leaf;
    for (let first = pageLeafCount; first >= 1; first /= 2) {
      for (let node = first; node < 2 * first; node += 1) nodes.set(hash, node * hashSize);
      hash = nodeHash(hash, hash);
    }
    return new HashPage(nodes);
  }

  get root(): Uint8Array {
    return this.#node(1);
  }

  leaf(index: number): Uint8Array {
    if (!(index >= 0 && index < pageLeafCount)) throw new RangeError('a page has 256 leaves');
    return this.#node(pageLeafCount + index);
  }

  leaves(): Uint8Array {
    return this.#nodes.subarray(pageBytes);
  }

  hasRoot(root: Uint8Array): boolean {
    return equalBytes(this.root, root);
  }

  /** Another page with some leaves replaced; eight hashes for each. */
  with(changes: ReadonlyMap<number, Uint8Array>): HashPage {
    const page = new HashPage(this.#nodes.slice());
    let parents = new Set<number>();
    for (const [index, hash] of changes) {
      if (hash.length !== hashSize) throw new RangeError('a hash has 32 bytes');
      page.#nodes.set(hash, (pageLeafCount + index) * hashSize);
      parents.add((pageLeafCount + index) >> 1);
    }
    while (parents.size > 0) {
      const above = new Set<number>();
      for (const node of parents) {
        page.#rehash(node);
        if (node > 1) above.add(node >> 1);
      }
      parents = above;
    }
    return page;
  }

  #node(node: number): Uint8Array {
    return this.#nodes.subarray(node * hashSize, (node + 1) * hashSize);
  }

  #rehash(node: number): void {
    this.#nodes.set(nodeHash(this.#node(2 * node), this.#node(2 * node + 1)), node * hashSize);
  }
}
