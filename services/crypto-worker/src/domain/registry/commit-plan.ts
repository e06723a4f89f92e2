/**
 * From changes of records to everything that a commit writes: rows, buckets, pages, head. Pure, and decided on the
 * dictionary alone: the database is not asked which version a record has.
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

export type Planned =
  | { readonly status: 'planned'; readonly plan: CommitPlan }
  /** The record is at another version than the change was decided on. */
  | { readonly status: 'conflict'; readonly name: RecordName }
  /** The bucket of the record is a gap. */
  | { readonly status: 'gap'; readonly name: RecordName };

export function planCommit(dictionary: Dictionary, edits: readonly RecordEdit[]): Planned {
  const { seal } = dictionary;
  const buckets = new Map<number, readonly BucketEntry[]>();
  const rows: PlannedRow[] = [];
  const removed: RecordEdit[] = [];
  const seen = new Set<RecordName>();
  for (const edit of edits) {
    const name = recordName(edit.kind, edit.id);
    const number = bucketNumber(seal, name);
    const entries = buckets.get(number) ?? dictionary.bucket(number);
    if (entries === undefined) return { status: 'gap', name };
    const entry = entries.find((each) => entryName(each) === name);
    // A second change of the same record in one commit can not have been decided on the first.
    if (presentVersion(entry) !== edit.expectedVersion || seen.has(name)) return { status: 'conflict', name };
    seen.add(name);
    const row = edit.value && sealRow(dictionary, edit, edit.value, entry);
    if (row) rows.push(row);
    else if (entry?.mac !== undefined) removed.push(edit);
    const next = nextEntry(edit, entry, row);
    buckets.set(number, [...entries.filter((each) => each !== entry), ...(next ? [next] : [])]);
  }
  return { status: 'planned', plan: plan(dictionary, buckets, rows, removed) };
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
