/**
 * The Merkle tree over all 65,536 bucket hashes: a top page over 256 pages over 256 buckets each. Immutable, so that a
 * commit can be planned on it and be dropped. A page can be unknown: its hash is known from the top, but the database
 * did not show leaves that lead to it. Then nothing is claimed about its buckets, and the rest of the tree stands.
 */
import { emptyBucketHash } from './bucket.ts';
import { HashPage, pageLeafCount } from './hash-page.ts';

const emptyPage = HashPage.filled(emptyBucketHash);

export class HashTree {
  readonly top: HashPage;
  readonly #pages: readonly (HashPage | undefined)[];

  private constructor(top: HashPage, pages: readonly (HashPage | undefined)[]) {
    this.top = top;
    this.#pages = pages;
  }

  static empty(): HashTree {
    return new HashTree(HashPage.filled(emptyPage.root), new Array<HashPage>(pageLeafCount).fill(emptyPage));
  }

  get root(): Uint8Array {
    return this.top.root;
  }

  page(number: number): HashPage | undefined {
    return this.#pages[number];
  }

  /**
   * The tree below another top. A page is kept where its hash did not change; else `show` must give leaves that lead to
   * the new hash, or the page is unknown from now on.
   */
  below(top: HashPage, show: (page: number) => Uint8Array | undefined): HashTree {
    const pages = this.#pages.map((known, number) => {
      const root = top.leaf(number);
      if (known?.hasRoot(root)) return known;
      if (emptyPage.hasRoot(root)) return emptyPage;
      const leaves = show(number);
      const page = leaves && HashPage.of(leaves);
      return page?.hasRoot(root) ? page : undefined;
    });
    return new HashTree(top, pages);
  }

  /** The tree with some bucket hashes replaced. Every page concerned must be known. */
  with(buckets: ReadonlyMap<number, Uint8Array>): HashTree {
    const pages = [...this.#pages];
    const roots = new Map<number, Uint8Array>();
    for (const [number, leaves] of groupByPage(buckets)) {
      const page = pages[number]?.with(leaves);
      if (page === undefined) throw new RangeError('the page is not known');
      pages[number] = page;
      roots.set(number, page.root);
    }
    return new HashTree(this.top.with(roots), pages);
  }
}

export function pageOf(bucket: number): number {
  return bucket >> 8;
}

/** Page number → leaf within the page → hash. */
function groupByPage(
  buckets: ReadonlyMap<number, Uint8Array>,
): ReadonlyMap<number, ReadonlyMap<number, Uint8Array>> {
  const pages = new Map<number, Map<number, Uint8Array>>();
  for (const [bucket, hash] of buckets) {
    const leaves = pages.get(pageOf(bucket)) ?? new Map<number, Uint8Array>();
    pages.set(pageOf(bucket), leaves.set(bucket % pageLeafCount, hash));
  }
  return pages;
}
