/**
 * From changes of records to everything that is written for them: rows, buckets, pages, head. Pure, and decided on the
 * dictionary alone: the database is not asked which version a record has. Commits that wait together are planned together,
 * one after the other: each is decided on what those before it left, is in the plan as a whole or not at all, and the
 * refusal of one is nothing to the others.
 */
import { encodeBytes } from '@strongroom/canonical';
import type { RecordKind, RecordValue } from '../record.ts';
import { type BucketEntry, bucketHash, encodeBucket, entryName } from './bucket.ts';
import type { Dictionary, DictionaryChange } from './dictionary.ts';
import { pageOf } from './hash-tree.ts';
import { headMac, makeHead } from './head.ts';
import { recordBody, recordMac } from './record-body.ts';
import { bucketNumber, type RecordName, recordName } from './record-name.ts';
import type { StoredHead } from './snapshot.ts';

export interface RecordEdit {
  readonly kind: RecordKind;
  readonly id: string;
  /** 0 for a record that must not exist. */
  readonly expectedVersion: number;
  /** `undefined` removes. */
  readonly value: RecordValue<RecordKind> | undefined;
}

export interface PlannedRow {
  readonly kind: RecordKind;
  readonly id: string;
  readonly version: number;
  readonly body: Uint8Array;
  readonly mac: Uint8Array;
}

export interface CommitPlan {
  readonly change: DictionaryChange;
  readonly rows: readonly PlannedRow[];
  readonly removed: readonly Pick<PlannedRow, 'kind' | 'id'>[];
  readonly buckets: ReadonlyMap<number, Uint8Array>;
  readonly pages: ReadonlyMap<number, Uint8Array>;
  readonly head: StoredHead;
}

export interface Refusal {
  /** `conflict`: the record is at another version than was decided on. `gap`: its bucket is a gap. */
  readonly status: 'conflict' | 'gap';
  readonly name: RecordName;
}

export interface GroupPlan {
  /** `undefined` where every commit was refused. */
  readonly plan: CommitPlan | undefined;
  /** One for each commit, in their order; `undefined` for what is in the plan. */
  readonly refusals: readonly (Refusal | undefined)[];
}

export function planCommits(dictionary: Dictionary, commits: readonly (readonly RecordEdit[])[]): GroupPlan {
  const draft = new Draft(dictionary);
  const refusals = commits.map((edits) => draft.take(edits));
  const isEmpty = refusals.every((refusal) => refusal !== undefined);
  return { plan: isEmpty ? undefined : draft.plan(), refusals };
}

class Draft {
  readonly #dictionary: Dictionary;
  readonly #buckets = new Map<number, readonly BucketEntry[]>();
  readonly #rows = new Map<RecordName, PlannedRow>();
  readonly #removed = new Map<RecordName, RecordEdit>();

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
  }

  /** All of the edits, or the reason why none. */
  take(edits: readonly RecordEdit[]): Refusal | undefined {
    const dictionary = this.#dictionary;
    const buckets = new Map<number, readonly BucketEntry[]>();
    const seen = new Set<RecordName>();
    const writes: (() => void)[] = [];
    for (const edit of edits) {
      const name = recordName(edit.kind, edit.id);
      const number = bucketNumber(dictionary.seal, name);
      const entries = buckets.get(number) ?? this.#buckets.get(number) ?? dictionary.bucket(number);
      if (entries === undefined) return { status: 'gap', name };
      const entry = entries.find((each) => entryName(each) === name);
      // A second change of the same record in one commit can not have been decided on the first.
      if (presentVersion(entry) !== edit.expectedVersion || seen.has(name))
        return { status: 'conflict', name };
      seen.add(name);
      const row = edit.value && sealRow(dictionary, edit, edit.value, entry);
      const next = nextEntry(edit, entry, row);
      buckets.set(number, [...entries.filter((each) => each !== entry), ...(next ? [next] : [])]);
      if (row !== undefined || entry?.mac !== undefined) writes.push(() => this.#write(name, edit, row));
    }
    for (const [number, entries] of buckets) this.#buckets.set(number, entries);
    for (const write of writes) write();
    return undefined;
  }

  plan(): CommitPlan {
    return plan(this.#dictionary, this.#buckets, [...this.#rows.values()], [...this.#removed.values()]);
  }

  /** The last word on a record is what its row becomes. */
  #write(name: RecordName, edit: RecordEdit, row: PlannedRow | undefined): void {
    if (row === undefined) {
      this.#rows.delete(name);
      this.#removed.set(name, edit);
    } else {
      this.#removed.delete(name);
      this.#rows.set(name, row);
    }
  }
}

function presentVersion(entry: BucketEntry | undefined): number {
  return entry?.mac === undefined ? 0 : entry.version;
}

function sealRow(
  { seal }: Dictionary,
  { kind, id }: RecordEdit,
  value: RecordValue<RecordKind>,
  entry: BucketEntry | undefined,
): PlannedRow {
  const place = { kind, id, version: (entry?.version ?? 0) + 1 };
  const body = recordBody(value);
  return { ...place, body, mac: recordMac(seal, place, body) };
}

/** Removing what is not there changes nothing. */
function nextEntry(
  { kind, id }: RecordEdit,
  entry: BucketEntry | undefined,
  row: PlannedRow | undefined,
): BucketEntry | undefined {
  if (row) return { kind, id, version: row.version, mac: encodeBytes(row.mac) };
  if (entry?.mac === undefined) return entry;
  return { kind, id, version: entry.version + 1, mac: undefined };
}

function plan(
  { seal, head: base, tree: before }: Dictionary,
  entries: ReadonlyMap<number, readonly BucketEntry[]>,
  rows: readonly PlannedRow[],
  removed: readonly RecordEdit[],
): CommitPlan {
  const buckets = new Map([...entries].map(([number, list]) => [number, encodeBucket(list)]));
  const tree = before.with(new Map([...buckets].map(([number, bytes]) => [number, bucketHash(bytes)])));
  const pages = new Map<number, Uint8Array>();
  for (const number of buckets.keys()) {
    const page = tree.page(pageOf(number));
    if (page) pages.set(pageOf(number), page.leaves());
  }
  const head = makeHead(seal.tenant, { sequence: base.sequence + 1, root: tree.root, previous: base.hash });
  return {
    change: { base, head, tree, buckets: entries },
    rows,
    removed,
    buckets,
    pages,
    head: { ...head, mac: headMac(seal, head), pages: tree.top.leaves() },
  };
}
