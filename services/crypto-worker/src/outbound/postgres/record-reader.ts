/**
 * Reads records. The dictionary says whether there is one, at which version and with which MAC; the database may only
 * add the value that fits. A row that does not fit is first held against the newest state, since another worker may
 * just have changed it, and then refused: that record alone.
 */
import { withDatabase } from '@strongroom/database';
import { StrongroomError } from '@strongroom/errors';
import type { Kysely } from 'kysely';
import type { RecordKind } from '../../domain/record.ts';
import type { BucketEntry } from '../../domain/registry/bucket.ts';
import { openRecord, type RecordRow } from '../../domain/registry/record-body.ts';
import { type RecordName, recordName } from '../../domain/registry/record-name.ts';
import type { NamePage } from '../../domain/registry/sorted-names.ts';
import type { RegistryRecord } from '../../ports/registry.ts';
import { RecordCache } from './record-cache.ts';
import type { TamperReport } from './registry-alert.ts';
import type { RegistryTables } from './registry-tables.ts';
import type { RegistryView } from './registry-view.ts';

/** Each further attempt means that the record changed during the one before. */
const attemptsMax = 8;

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
    if (entry === 'gap') return this.#readVerified(name, kind, id, undefined);
    return this.#cache.get(name, entry) ?? this.#readVerified(name, kind, id, entry);
  }

  async list(kind: RecordKind, page: NamePage): Promise<readonly AnyRecord[]> {
    const { view } = this.#options;
    view.assertUsable('read');
    await this.#fillGaps(kind);
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const ids = view.dictionary.index.page(kind, page);
      await this.#fetchUncached(kind, ids);
      const records = await Promise.all(ids.map((id) => this.read(kind, id)));
      // One that was removed meanwhile would leave a short page, which means the end of the list to the reader.
      if (records.every((record) => record !== undefined)) return records;
    }
    throw new StrongroomError('state-stale');
  }

  async #readVerified(
    name: RecordName,
    kind: RecordKind,
    id: string,
    found: BucketEntry | undefined,
  ): Promise<AnyRecord | undefined> {
    const { view, report } = this.#options;
    let entry: BucketEntry | 'absent' | 'gap' = found ?? 'gap';
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      if (entry === 'absent') return undefined;
      const record = entry !== 'gap' && this.#open(name, entry, (await this.#fetch(kind, [id])).get(id));
      if (record) {
        report.whole(`record/${name}`);
        return record;
      }
      await view.refresh();
      const now = view.dictionary.find(name);
      // The refresh was asked for after the row was read, and the record has not changed in all that time.
      if (now === entry) {
        report.tampered(`record/${name}`);
        throw new StrongroomError('record-tampered', { detail: name });
      }
      entry = now;
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

  async #fetchUncached(kind: RecordKind, ids: readonly string[]): Promise<void> {
    const { dictionary } = this.#options.view;
    const wanted = new Map<string, BucketEntry>();
    for (const id of ids) {
      const entry = dictionary.find(recordName(kind, id));
      if (typeof entry !== 'string' && !this.#cache.get(recordName(kind, id), entry)) wanted.set(id, entry);
    }
    if (wanted.size === 0) return;
    const rows = await this.#fetch(kind, [...wanted.keys()]);
    for (const [id, entry] of wanted) this.#open(recordName(kind, id), entry, rows.get(id));
  }

  async #fetch(kind: RecordKind, ids: readonly string[]): Promise<ReadonlyMap<string, RecordRow>> {
    const query = this.#options.database
      .selectFrom('record')
      .select(['id', 'version', 'value', 'mac'])
      .where('kind', '=', kind)
      .where((row) => row('id', '=', row.fn.any(row.val([...ids]))));
    const rows = await withDatabase(() => query.execute());
    return new Map(rows.map(({ id, version, value, mac }) => [id, { version, body: value, mac }]));
  }

  #open(name: RecordName, entry: BucketEntry, row: RecordRow | undefined): AnyRecord | undefined {
    const value = openRecord(this.#options.view.dictionary.seal, entry, row);
    if (value === undefined || row === undefined) return undefined;
    const record = Object.freeze({ kind: entry.kind, id: entry.id, version: entry.version, value });
    this.#cache.put(name, entry, record, row.body.length);
    return record;
  }
}
