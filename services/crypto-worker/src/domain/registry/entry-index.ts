/**
 * Every entry that the worker has verified, by name, by bucket and in order. Names, versions and MACs of all records
 * are kept in memory, their values are not: so absence is proven without a question to the database, and a listing is
 * complete, because it is the index and not the database that says which records there are.
 */
import type { RecordKind } from '../record.ts';
import { type BucketEntry, entryName } from './bucket.ts';
import type { RecordName } from './record-name.ts';
import { type NamePage, SortedNames } from './sorted-names.ts';

const nothing: readonly BucketEntry[] = [];

export class EntryIndex {
  readonly #byName = new Map<RecordName, BucketEntry>();
  readonly #byBucket = new Map<number, readonly BucketEntry[]>();
  readonly #present = new Map<RecordKind, SortedNames>();

  /** An entry stays the same object until its record changes, so caches may compare by identity. */
  get(name: RecordName): BucketEntry | undefined {
    return this.#byName.get(name);
  }

  bucket(number: number): readonly BucketEntry[] {
    return this.#byBucket.get(number) ?? nothing;
  }

  page(kind: RecordKind, page: NamePage): readonly string[] {
    return this.#present.get(kind)?.page(page) ?? [];
  }

  count(kind: RecordKind, prefix: string): number {
    return this.#present.get(kind)?.count(prefix) ?? 0;
  }

  replaceBucket(number: number, entries: readonly BucketEntry[]): void {
    const left = new Map(this.bucket(number).map((entry) => [entryName(entry), entry]));
    const kept = entries.map((entry) => {
      const name = entryName(entry);
      const before = left.get(name);
      left.delete(name);
      if (before && before.version === entry.version && before.mac === entry.mac) return before;
      this.#put(name, before, entry);
      return entry;
    });
    for (const [name, entry] of left) this.#drop(name, entry);
    if (kept.length === 0) this.#byBucket.delete(number);
    else this.#byBucket.set(number, kept);
  }

  #put(name: RecordName, before: BucketEntry | undefined, entry: BucketEntry): void {
    this.#byName.set(name, entry);
    const wasPresent = before?.mac !== undefined;
    const isPresent = entry.mac !== undefined;
    if (isPresent && !wasPresent) this.#namesOf(entry.kind).add(entry.id);
    if (wasPresent && !isPresent) this.#namesOf(entry.kind).remove(entry.id);
  }

  #drop(name: RecordName, entry: BucketEntry): void {
    this.#byName.delete(name);
    if (entry.mac !== undefined) this.#namesOf(entry.kind).remove(entry.id);
  }

  #namesOf(kind: RecordKind): SortedNames {
    const names = this.#present.get(kind) ?? new SortedNames();
    this.#present.set(kind, names);
    return names;
  }
}
