/**
 * What this process knows of the registry, and how it keeps up with the database. Nothing is answered while the
 * database shows a state that does not follow from the known one, or when the current sequence could not be read for
 * 5 s: a revocation that another worker committed must bite soon or block.
 */
import { equalBytes } from '@strongroom/canonical';
import { withDatabase } from '@strongroom/database';
import { StrongroomError } from '@strongroom/errors';
import type { Kysely } from 'kysely';
import { Dictionary } from '../../domain/registry/dictionary.ts';
import { type HeadReference, openHead } from '../../domain/registry/head.ts';
import type { RecordRow } from '../../domain/registry/record-body.ts';
import { type RecordName, recordName } from '../../domain/registry/record-name.ts';
import type { RegistrySeal } from '../../domain/registry/registry-seal.ts';
import type { RollbackReason, Snapshot } from '../../domain/registry/snapshot.ts';
import { listedForSureMs, type ReaderRoster } from './reader-roster.ts';
import { type RecordReference, readRows } from './record-rows.ts';
import type { OnAlert } from './registry-alert.ts';
import type { RegistryClock } from './registry-clock.ts';
import type { RegistryTables } from './registry-tables.ts';
import { type Asked, glanceAtHead, type HeadGlance, readSnapshot } from './snapshot-reader.ts';

export const staleAfterMs = 5_000;

export interface RegistryViewOptions {
  readonly database: Kysely<RegistryTables>;
  readonly seal: RegistrySeal;
  readonly anchor: HeadReference | undefined;
  readonly clock: RegistryClock;
  readonly roster: Pick<ReaderRoster, 'keep'>;
  readonly onAlert: OnAlert;
}

/** A row beside the entry that it must fit. */
export interface HeldRow {
  readonly entry: ReturnType<Dictionary['find']>;
  readonly row: RecordRow | undefined;
  /** Where they are of one moment, a row that does not fit was tampered with. */
  readonly isOneMoment: boolean;
}

type HeldRows = ReadonlyMap<RecordName, HeldRow>;

interface NextRefresh {
  readonly references: RecordReference[];
  readonly done: Promise<HeldRows>;
}

export class RegistryView {
  readonly dictionary: Dictionary;
  readonly #options: RegistryViewOptions;
  #rolledBack: RollbackReason | undefined;
  #currentAtMs = Number.NEGATIVE_INFINITY;
  #listedAtMs = Number.NEGATIVE_INFINITY;
  #running: Promise<unknown> = Promise.resolve();
  #next: NextRefresh | undefined;

  constructor(options: RegistryViewOptions) {
    this.#options = options;
    this.dictionary = new Dictionary(options.seal, options.anchor);
  }

  fault(): 'registry-rolled-back' | 'state-stale' | undefined {
    if (this.#rolledBack !== undefined) return 'registry-rolled-back';
    const nowMs = this.#options.clock.monotonicMs();
    const isCurrent = nowMs - this.#currentAtMs <= staleAfterMs;
    // Who is not listed is not asked whether it knows of a commit, and so must not answer.
    return isCurrent && nowMs - this.#listedAtMs <= listedForSureMs ? undefined : 'state-stale';
  }

  /** A write looks at the newest state itself, so it need not be recent. */
  assertUsable(use: 'read' | 'write'): void {
    const fault = this.fault();
    if (fault === 'registry-rolled-back' || (fault && use === 'read')) throw new StrongroomError(fault);
  }

  /** Everything, at start. Throws `registry-rolled-back`. */
  async load(): Promise<void> {
    const listedAtMs = await this.#options.roster.keep();
    await this.#follow('everything', []);
    this.#listedAtMs = listedAtMs;
    // All of it was asked for, so what is missing was taken away or edited.
    const { buckets } = this.dictionary.gaps();
    if (buckets.length > 0)
      this.#options.onAlert({ kind: 'dictionary-damaged', bucketCount: buckets.length });
  }

  /** One cheap question: did the head move? */
  async poll(): Promise<void> {
    const listedAtMs = await this.#options.roster.keep();
    const askedAtMs = this.#options.clock.monotonicMs();
    const head = await withDatabase(() => glanceAtHead(this.#options.database, 'no lock'));
    if (!this.confirm(head, askedAtMs)) await this.refresh();
    // Only now: who comes back to the list has first seen what it was not asked about.
    this.#listedAtMs = listedAtMs;
  }

  /**
   * Takes over what other workers committed and what was missing, and reads rows at the very moment that it takes over:
   * so a row can be judged however busy other workers are. Callers during a refresh share the next one, because the one
   * under way may have asked before the moment that the caller is about.
   */
  refresh(references: readonly RecordReference[] = []): Promise<HeldRows> {
    this.#next ??= this.#planRefresh();
    this.#next.references.push(...references);
    return this.#next.done;
  }

  #planRefresh(): NextRefresh {
    const references: RecordReference[] = [];
    const done = this.#running.then(() => {
      this.#next = undefined;
      return this.#follow(this.dictionary.gaps(), references);
    });
    // Its callers hear of its failure; who waits for its end does not care.
    this.#running = done.catch(() => undefined);
    return { references, done };
  }

  /** Whether the head is the known one. Anything else is for a snapshot to explain. */
  confirm(shown: HeadGlance | undefined, askedAtMs: number): boolean {
    if (this.#rolledBack !== undefined || !this.#isKnown(shown)) return false;
    this.#wasCurrentAt(askedAtMs);
    return true;
  }

  #isKnown(shown: HeadGlance | undefined): boolean {
    const { head, seal } = this.dictionary;
    if (shown === undefined || shown.sequence !== head.sequence) return false;
    if (shown.sequence === 0) return true;
    const opened = openHead(seal, shown, shown.mac);
    return opened !== undefined && equalBytes(opened.hash, head.hash);
  }

  /** Throws `registry-rolled-back`. `since` and `askedAtMs` are from before the database was asked. */
  take(snapshot: Snapshot, since: HeadReference, askedAtMs: number): void {
    const followed = this.dictionary.follow(snapshot, since);
    if (followed.status === 'rolled-back') {
      this.#refuse(followed.reason);
      throw new StrongroomError('registry-rolled-back', { detail: followed.reason });
    }
    this.#wasCurrentAt(askedAtMs);
    if (this.#rolledBack === undefined) return;
    this.#rolledBack = undefined;
    this.#options.onAlert({ kind: 'registry-restored' });
  }

  async #follow(asked: Asked, references: readonly RecordReference[]): Promise<HeldRows> {
    const { database, clock } = this.#options;
    const askedAtMs = clock.monotonicMs();
    const since = this.dictionary.head;
    const names = references.map(({ kind, id }) => recordName(kind, id));
    const { snapshot, rows } = await withDatabase(() =>
      database
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute(async (transaction) => ({
          snapshot: await readSnapshot(transaction, since, asked),
          rows: await readRows(transaction, references),
        })),
    );
    this.take(snapshot, since, askedAtMs);
    // A commit of this process may have gone further than the snapshot in the meantime.
    const isOneMoment = snapshot.head?.sequence === this.dictionary.head.sequence;
    return new Map(
      names.map((name): [RecordName, HeldRow] => [
        name,
        { entry: this.dictionary.find(name), row: rows.get(name), isOneMoment },
      ]),
    );
  }

  #refuse(reason: RollbackReason): void {
    if (this.#rolledBack === undefined) this.#options.onAlert({ kind: 'registry-rolled-back', reason });
    this.#rolledBack = reason;
  }

  #wasCurrentAt(askedAtMs: number): void {
    this.#currentAtMs = Math.max(this.#currentAtMs, askedAtMs);
  }
}
