/**
 * The tables of the registry as plain maps: what a database would show after some commits, for an attacker to edit. The
 * real adapter is tested on PostgreSQL; this one makes thousands of attacks a second.
 */
import type { CommitPlan, PlannedRow } from '../src/domain/registry/commit-plan.ts';
import type { Gaps } from '../src/domain/registry/dictionary.ts';
import type { HeadLink, HeadReference } from '../src/domain/registry/head.ts';
import { type RecordName, recordName } from '../src/domain/registry/record-name.ts';
import type { Snapshot, StoredHead } from '../src/domain/registry/snapshot.ts';

interface Stamped {
  readonly bytes: Uint8Array;
  /** Commit that wrote it: only a hint, the attacker's to edit. */
  readonly sequence: number;
}

export class StoredRegistry {
  head: StoredHead | undefined = {
    sequence: 0,
    root: new Uint8Array(),
    previous: new Uint8Array(),
    mac: new Uint8Array(),
    pages: new Uint8Array(),
  };
  links: HeadLink[] = [];
  pages = new Map<number, Stamped>();
  buckets = new Map<number, Stamped>();
  rows = new Map<RecordName, PlannedRow>();

  write(plan: CommitPlan): void {
    const { sequence, root } = plan.head;
    this.head = plan.head;
    this.links.push({ sequence, root });
    for (const [number, bytes] of plan.pages) this.pages.set(number, { bytes, sequence });
    for (const [number, bytes] of plan.buckets) this.buckets.set(number, { bytes, sequence });
    for (const row of plan.rows) this.rows.set(recordName(row.kind, row.id), row);
    for (const row of plan.removed) this.rows.delete(recordName(row.kind, row.id));
  }

  snapshot(since: HeadReference, wanted: Gaps = { pages: [], buckets: [] }): Snapshot {
    const isShown = (asked: readonly number[]) => (entry: [number, Stamped]) =>
      entry[1].sequence > since.sequence || asked.includes(entry[0]);
    const bytes = ([number, stamped]: [number, Stamped]): [number, Uint8Array] => [number, stamped.bytes];
    return {
      head: this.head,
      links: this.links.filter((link) => link.sequence > since.sequence),
      pages: new Map([...this.pages].filter(isShown(wanted.pages)).map(bytes)),
      buckets: new Map([...this.buckets].filter(isShown(wanted.buckets)).map(bytes)),
    };
  }

  /** As a new worker asks: everything. */
  whole(since: HeadReference): Snapshot {
    return this.snapshot(since, { pages: [...this.pages.keys()], buckets: [...this.buckets.keys()] });
  }

  /** A dump: later writes to one do not show in the other. */
  copy(): StoredRegistry {
    const copy = new StoredRegistry();
    copy.head = this.head;
    copy.links = [...this.links];
    copy.pages = new Map(this.pages);
    copy.buckets = new Map(this.buckets);
    copy.rows = new Map(this.rows);
    return copy;
  }
}
