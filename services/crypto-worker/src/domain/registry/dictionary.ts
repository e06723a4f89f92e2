/**
 * The authenticated dictionary of all records: what a worker knows for certain about a database that it does not trust
 * (I9). It takes over what the database shows only where hashes lead from there to a head that a worker signed off, and
 * from that head back to the one known before. What does not fit is left out bucket by bucket: those buckets are gaps,
 * their records are refused, and all others stand.
 *
 * Pure: it is shown snapshots and says what it makes of them.
 */
import { equalBytes } from '@strongroom/canonical';
import { type BucketEntry, bucketHash, decodeBucket, emptyBucketHash } from './bucket.ts';
import { EntryIndex } from './entry-index.ts';
import { HashPage, pageLeafCount } from './hash-page.ts';
import { HashTree, pageOf } from './hash-tree.ts';
import { genesisHead, growsFrom, type Head, type HeadReference, openHead } from './head.ts';
import { bucketNumber, type RecordName } from './record-name.ts';
import type { RegistrySeal } from './registry-seal.ts';
import type { RollbackReason, Snapshot, StoredHead } from './snapshot.ts';

export type Followed =
  | { readonly status: 'current' | 'advanced' }
  | { readonly status: 'rolled-back'; readonly reason: RollbackReason };

/** What one commit changes, planned on one head and valid on that alone. */
export interface DictionaryChange {
  readonly base: HeadReference;
  readonly head: Head;
  readonly tree: HashTree;
  readonly buckets: ReadonlyMap<number, readonly BucketEntry[]>;
}

/** What the database did not show. Ask for it by number, then `follow` again. */
export interface Gaps {
  readonly pages: readonly number[];
  readonly buckets: readonly number[];
}

const nothing: readonly BucketEntry[] = [];

export class Dictionary {
  readonly seal: RegistrySeal;
  readonly #index = new EntryIndex();
  readonly #gaps = new Set<number>();
  #tree = HashTree.empty();
  #head: HeadReference;

  /** `anchor`: the head that the HSM remembers. Its records are unknown until a snapshot was followed. */
  constructor(seal: RegistrySeal, anchor?: HeadReference) {
    this.seal = seal;
    this.#head = anchor ?? genesisHead(seal.tenant);
  }

  get head(): HeadReference {
    return this.#head;
  }

  get tree(): HashTree {
    return this.#tree;
  }

  get index(): Pick<EntryIndex, 'page' | 'count'> {
    return this.#index;
  }

  /** Entry of a present record; `absent` is proven; `gap`: the bucket it would be in was not shown. */
  find(name: RecordName): BucketEntry | 'absent' | 'gap' {
    const entry = this.#index.get(name);
    if (entry !== undefined) return entry.mac === undefined ? 'absent' : entry;
    return this.#gaps.size > 0 && this.#gaps.has(bucketNumber(this.seal, name)) ? 'gap' : 'absent';
  }

  /** All entries of a bucket, removed ones included; `undefined` for a gap. */
  bucket(number: number): readonly BucketEntry[] | undefined {
    return this.#gaps.has(number) ? undefined : this.#index.bucket(number);
  }

  get hasGaps(): boolean {
    return this.#gaps.size > 0;
  }

  gaps(): Gaps {
    const buckets = [...this.#gaps];
    const pages = new Set(buckets.map(pageOf).filter((page) => this.#tree.page(page) === undefined));
    return { pages: [...pages], buckets };
  }

  /**
   * Takes a snapshot over. `since` is the head that was known when the database was asked: own commits may have passed
   * the snapshot by in the meantime, and that is no rollback.
   */
  follow(snapshot: Snapshot, since: HeadReference): Followed {
    const shown = this.#open(snapshot.head);
    if (typeof shown === 'string') return { status: 'rolled-back', reason: shown };
    const { head, top } = shown;
    if (head.sequence < since.sequence) return { status: 'rolled-back', reason: 'head-older' };
    if (!this.#continues(snapshot, since, head)) return { status: 'rolled-back', reason: 'head-forked' };
    if (head.sequence < this.#head.sequence) return { status: 'current' };
    const status = head.sequence === this.#head.sequence ? 'current' : 'advanced';
    this.#take(top, snapshot);
    this.#head = head;
    return { status };
  }

  /** After the change became durable. Does nothing where a snapshot already showed it. */
  adopt(change: DictionaryChange): void {
    if (!equalBytes(this.#head.hash, change.base.hash)) return;
    this.#tree = change.tree;
    for (const [number, entries] of change.buckets) this.#index.replaceBucket(number, entries);
    this.#head = change.head;
  }

  #open(stored: StoredHead | undefined): { head: Head; top: HashPage } | RollbackReason {
    if (stored === undefined) return 'head-absent';
    if (stored.sequence === 0) return { head: genesisHead(this.seal.tenant), top: HashTree.empty().top };
    const head = openHead(this.seal, stored, stored.mac);
    if (head === undefined) return 'head-forged';
    const top = HashPage.of(stored.pages);
    return top?.hasRoot(head.root) ? { head, top } : 'head-damaged';
  }

  #continues(snapshot: Snapshot, since: HeadReference, head: Head): boolean {
    for (const known of [since, this.#head]) {
      if (head.sequence === known.sequence && !equalBytes(head.hash, known.hash)) return false;
    }
    if (head.sequence <= this.#head.sequence) return true;
    return growsFrom(this.seal.tenant, this.#head, snapshot.links, head);
  }

  #take(top: HashPage, snapshot: Snapshot): void {
    const before = this.#tree;
    this.#tree = before.below(top, (page) => snapshot.pages.get(page));
    for (let number = 0; number < pageLeafCount; number += 1) {
      const was = before.page(number);
      const page = this.#tree.page(number);
      if (page === was && page !== undefined) continue;
      for (let leaf = 0; leaf < pageLeafCount; leaf += 1) {
        const hash = page?.leaf(leaf);
        const bucket = number * pageLeafCount + leaf;
        const isKept = hash && was && equalBytes(hash, was.leaf(leaf)) && !this.#gaps.has(bucket);
        if (!isKept) this.#takeBucket(bucket, hash, snapshot);
      }
    }
    for (const bucket of [...this.#gaps]) {
      const hash = this.#tree.page(pageOf(bucket))?.leaf(bucket % pageLeafCount);
      if (snapshot.buckets.has(bucket)) this.#takeBucket(bucket, hash, snapshot);
    }
  }

  #takeBucket(number: number, hash: Uint8Array | undefined, snapshot: Snapshot): void {
    const entries = hash && shownEntries(hash, snapshot.buckets.get(number));
    if (entries === undefined) this.#gaps.add(number);
    else this.#gaps.delete(number);
    this.#index.replaceBucket(number, entries ?? nothing);
  }
}

function shownEntries(hash: Uint8Array, bytes: Uint8Array | undefined): readonly BucketEntry[] | undefined {
  if (equalBytes(hash, emptyBucketHash)) return nothing;
  return bytes && equalBytes(hash, bucketHash(bytes)) ? decodeBucket(bytes) : undefined;
}
