/**
 * Reads records. The dictionary says whether there is one, at which version and with which MAC; the database may only
 * add the value that fits. A row that does not fit is first held against the newest state, since another worker may
 * just have changed it, and then refused: that record alone.
 */
import { withDatabase } from '@strongroom/database';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { Kysely } from 'kysely';
import type { RecordKind } from '../../domain/record.ts';
import type { BucketEntry } from '../../domain/registry/bucket.ts';
import type { PlannedRow } from '../../domain/registry/commit-plan.ts';
import { openRecord, type RecordRow } from '../../domain/registry/record-body.ts';
import { type RecordName, recordName } from '../../domain/registry/record-name.ts';
import type { NamePage } from '../../domain/registry/sorted-names.ts';
import type { RegistryRecord, WalkedPage } from '../../ports/registry.ts';
import { RecordCache } from './record-cache.ts';
import { type RecordReference, readRows } from './record-rows.ts';
import type { TamperReport } from './registry-alert.ts';
import type { RegistryTables } from './registry-tables.ts';
import type { RegistryView } from './registry-view.ts';

/** Each further attempt means that this process committed during the one before. */
const attemptsMax = 8;

const nameOf = (reference: RecordReference | undefined) =>
  reference === undefined ? '' : recordName(reference.kind, reference.id);

function orTampered(fault: unknown): 'tampered' {
  if (isStrongroomError(fault) && fault.code === 'record-tampered') return 'tampered';
  throw fault;
}

type AnyRecord = RegistryRecord<RecordKind>;

export interface RecordReaderOptions {
  readonly database: Kysely<RegistryTables>;
  readonly view: RegistryView;
  readonly report: TamperReport;
  readonly cacheBytesMax: number;
}

export class RecordReader {
  readonly #options: RecordReaderOptions;
  readonly #cache: RecordCache;

  constructor(options: RecordReaderOptions) {
    this.#options = options;
    this.#cache = new RecordCache(options.cacheBytesMax);
  }

  async read(kind: RecordKind, id: string): Promise<AnyRecord | undefined> {
    const { view } = this.#options;
    view.assertUsable('read');
    const name = recordName(kind, id);
    const entry = view.dictionary.find(name);
    if (entry === 'absent') return undefined;
    if (entry === 'gap') return this.#readAfresh(name, { kind, id });
    const cached = this.#cache.get(name, entry);
    if (cached) return cached;
    const rows = await withDatabase(() => readRows(this.#options.database, [{ kind, id }]));
    return this.#open(name, entry, rows.get(name)) ?? this.#readAfresh(name, { kind, id });
  }

  async list(kind: RecordKind, page: NamePage): Promise<readonly AnyRecord[]> {
    const { view } = this.#options;
    view.assertUsable('read');
    await this.#fillGaps(kind);
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const ids = view.dictionary.index.page(kind, page);
      const records = await this.#readAll(ids.map((id) => ({ kind, id })));
      // One that was removed meanwhile would leave a short page, which means the end of the list to the reader.
      if (records.every((record) => record !== undefined)) return records;
    }
    throw new StrongroomError('state-stale');
  }

  async walk(kind: RecordKind, page: NamePage): Promise<WalkedPage<RecordKind>> {
    const { view } = this.#options;
    view.assertUsable('read');
    await this.#fillGaps(kind);
    const ids = view.dictionary.index.page(kind, page);
    const found = await this.#openAll(ids.map((id) => ({ kind, id })));
    return {
      records: found.filter((each) => typeof each === 'object'),
      tampered: ids.filter((_, at) => found[at] === 'tampered'),
      next: ids.length < page.limit ? undefined : ids.at(-1),
    };
  }

  async versionOf(kind: RecordKind, id: string): Promise<number> {
    const { view } = this.#options;
    view.assertUsable('read');
    const entry = view.dictionary.find(recordName(kind, id));
    if (entry === 'gap') return (await this.read(kind, id))?.version ?? 0;
    return entry === 'absent' ? 0 : entry.version;
  }

  async count(kind: RecordKind, prefix: string): Promise<number> {
    const { view } = this.#options;
    view.assertUsable('read');
    await this.#fillGaps(kind);
    return view.dictionary.index.count(kind, prefix);
  }

  /** After a commit: what it wrote need not be read again. */
  remember(rows: readonly PlannedRow[]): void {
    for (const row of rows) {
      const name = recordName(row.kind, row.id);
      const entry = this.#options.view.dictionary.find(name);
      if (typeof entry !== 'string') this.#open(name, entry, row);
    }
  }

  /** Reads the row at one moment with its entry, and refuses it then. */
  async #readAfresh(name: RecordName, reference: RecordReference): Promise<AnyRecord | undefined> {
    const { view, report } = this.#options;
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const held = (await view.refresh([reference])).get(name);
      if (held === undefined || held.entry === 'absent') return undefined;
      const record = held.entry !== 'gap' && this.#open(name, held.entry, held.row);
      if (record) return record;
      if (held.isOneMoment) {
        report.tampered(`record/${name}`);
        throw new StrongroomError('record-tampered', { detail: name });
      }
    }
    throw new StrongroomError('state-stale');
  }

  /** A listing says what there is, so it is refused as long as one bucket can not be shown. */
  async #fillGaps(kind: RecordKind): Promise<void> {
    const { view, report } = this.#options;
    if (!view.dictionary.hasGaps) return;
    await view.refresh();
    if (view.dictionary.hasGaps) {
      report.tampered(`listing/${kind}`);
      throw new StrongroomError('record-tampered', { detail: `the list of ${kind} records is not complete` });
    }
    report.whole(`listing/${kind}`);
  }

  async #readAll(references: readonly RecordReference[]): Promise<readonly (AnyRecord | undefined)[]> {
    const found = await this.#openAll(references);
    const at = found.indexOf('tampered');
    if (at >= 0) throw new StrongroomError('record-tampered', { detail: nameOf(references[at]) });
    return found as readonly (AnyRecord | undefined)[];
  }

  /** What is not cached in one question, and what does not fit the entry one by one. */
  async #openAll(
    references: readonly RecordReference[],
  ): Promise<readonly (AnyRecord | 'tampered' | undefined)[]> {
    const { database, view } = this.#options;
    const isCached = ({ kind, id }: RecordReference): boolean => {
      const entry = view.dictionary.find(recordName(kind, id));
      return typeof entry !== 'string' && this.#cache.get(recordName(kind, id), entry) !== undefined;
    };
    const uncached = references.filter((reference) => !isCached(reference));
    const rows = await withDatabase(() => readRows(database, uncached));
    return Promise.all(
      references.map(({ kind, id }) => {
        const name = recordName(kind, id);
        const entry = view.dictionary.find(name);
        const record = typeof entry !== 'string' && this.#open(name, entry, rows.get(name));
        return record || this.read(kind, id).catch(orTampered);
      }),
    );
  }

  #open(name: RecordName, entry: BucketEntry, row: RecordRow | undefined): AnyRecord | undefined {
    const value = openRecord(this.#options.view.dictionary.seal, entry, row);
    if (value === undefined || row === undefined) return undefined;
    const record = Object.freeze({ kind: entry.kind, id: entry.id, version: entry.version, value });
    this.#cache.put(name, entry, record, row.body.length);
    this.#options.report.whole(`record/${name}`);
    return record;
  }
}
