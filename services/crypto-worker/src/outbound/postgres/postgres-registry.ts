/** The registry on PostgreSQL. Each part has a file of its own; this one says which part does what. */
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import { type DomainEvent, digestDomain, type RegistryLookReply } from '@strongroom/contracts';
import type { Kysely } from 'kysely';
import type { RecordKind } from '../../domain/record.ts';
import type { HeadReference } from '../../domain/registry/head.ts';
import { RegistrySeal } from '../../domain/registry/registry-seal.ts';
import type { NamePage } from '../../domain/registry/sorted-names.ts';
import type { Roster } from '../../ports/readers.ts';
import type {
  OpenIntent,
  RecordChange,
  Registry,
  RegistryRecord,
  StoredOutcome,
  WalkedPage,
} from '../../ports/registry.ts';
import { CommitWriter } from './commit-writer.ts';
import { IntentStore } from './intent-store.ts';
import { OutcomeBox } from './outcome-box.ts';
import { OutcomeStore } from './outcome-store.ts';
import { ReaderRoster } from './reader-roster.ts';
import { RecordReader } from './record-reader.ts';
import { type OnAlert, TamperReport } from './registry-alert.ts';
import { type RegistryClock, systemRegistryClock } from './registry-clock.ts';
import type { RegistryTables } from './registry-tables.ts';
import { RegistryView } from './registry-view.ts';

export interface PostgresRegistryOptions {
  readonly database: Kysely<RegistryTables>;
  readonly tenant: string;
  /** Derived by the HSM, 32 bytes each. */
  readonly keys: { readonly mac: Uint8Array; readonly outcome: Uint8Array };
  /** What the HSM remembers; `undefined` only where it remembers nothing. */
  readonly anchor: HeadReference | undefined;
  readonly onAlert: OnAlert;
  readonly clock?: RegistryClock;
  readonly cacheBytesMax?: number;
}

const cacheBytesMaxDefault = 32 * 1024 * 1024;

export class PostgresRegistry implements Registry, Roster {
  readonly #seal: RegistrySeal;
  readonly #roster: ReaderRoster;
  readonly #view: RegistryView;
  readonly #reader: RecordReader;
  readonly #writer: CommitWriter;
  readonly #outcomes: OutcomeStore;
  readonly #intents: IntentStore;

  private constructor(options: PostgresRegistryOptions) {
    const { database, tenant, keys, anchor, onAlert, clock = systemRegistryClock } = options;
    const seal = new RegistrySeal(tenant, keys.mac);
    const report = new TamperReport(onAlert);
    const box = new OutcomeBox(tenant, keys.outcome);
    const roster = new ReaderRoster(database, clock);
    const view = new RegistryView({ database, seal, anchor, clock, roster, onAlert });
    const cacheBytesMax = options.cacheBytesMax ?? cacheBytesMaxDefault;
    this.#seal = seal;
    this.#roster = roster;
    this.#view = view;
    this.#reader = new RecordReader({ database, view, report, cacheBytesMax });
    this.#outcomes = new OutcomeStore({ database, box, clock, report });
    this.#intents = new IntentStore({ database, seal, report });
    this.#writer = new CommitWriter({
      database,
      view,
      reader: this.#reader,
      outcomes: this.#outcomes,
      report,
      clock,
    });
  }

  /** Loads the dictionary. Throws `registry-rolled-back` where it is not what the anchor grew into. */
  static async open(options: PostgresRegistryOptions): Promise<PostgresRegistry> {
    const registry = new PostgresRegistry(options);
    await registry.#view.load();
    return registry;
  }

  sequence(): number {
    return this.#view.dictionary.head.sequence;
  }

  head(): HeadReference {
    return this.#view.dictionary.head;
  }

  read<Kind extends RecordKind>(kind: Kind, id: string): Promise<RegistryRecord<Kind> | undefined> {
    return this.#reader.read(kind, id) as Promise<RegistryRecord<Kind> | undefined>;
  }

  list<Kind extends RecordKind>(kind: Kind, page: NamePage): Promise<readonly RegistryRecord<Kind>[]> {
    return this.#reader.list(kind, page) as Promise<readonly RegistryRecord<Kind>[]>;
  }

  walk<Kind extends RecordKind>(kind: Kind, page: NamePage): Promise<WalkedPage<Kind>> {
    return this.#reader.walk(kind, page) as Promise<WalkedPage<RecordKind>> as Promise<WalkedPage<Kind>>;
  }

  versionOf(kind: RecordKind, id: string): Promise<number> {
    return this.#reader.versionOf(kind, id);
  }

  count(kind: RecordKind, prefix: string): Promise<number> {
    return this.#reader.count(kind, prefix);
  }

  async commit(
    changes: readonly RecordChange[],
    outcome: StoredOutcome,
    events: readonly DomainEvent[],
  ): Promise<void> {
    await this.#writer.commit({ changes, outcome, events });
  }

  async findOutcome(actor: string, requestId: string): Promise<StoredOutcome | undefined> {
    this.#view.assertUsable('write');
    return this.#outcomes.find(actor, requestId);
  }

  async openIntent(intent: OpenIntent): Promise<void> {
    this.#view.assertUsable('write');
    await this.#intents.open(intent);
  }

  async closeIntent(actor: string, requestId: string): Promise<void> {
    this.#view.assertUsable('write');
    await this.#intents.close(actor, requestId);
  }

  async listIntents(): Promise<readonly OpenIntent[]> {
    this.#view.assertUsable('write');
    return this.#intents.list();
  }

  /** Looks whether other workers committed. `RegistrySync` does it all the time. */
  async poll(): Promise<void> {
    await this.#view.poll();
  }

  /** Under which other processes ask this one to look. */
  get name(): string {
    return this.#roster.name;
  }

  others(): Promise<readonly string[]> {
    return this.#roster.others();
  }

  /** Somebody says that there is a commit of this number: looks at once, unless it is known, and shows what is known then. */
  async look(sequence: number): Promise<RegistryLookReply> {
    if (sequence > this.sequence()) await this.#view.refresh();
    const shown = { reader: this.name, sequence: this.sequence() };
    return { ...shown, mac: encodeBytes(this.#seal.mac(digestDomain.registryLook, shown)) };
  }

  isGenuine({ mac, ...shown }: RegistryLookReply): boolean {
    return this.#seal.verify(decodeBytes(mac), digestDomain.registryLook, shown);
  }

  /** This process answers nobody any more. */
  leave(): Promise<void> {
    return this.#roster.leave();
  }

  async purgeOutcomes(): Promise<number> {
    await this.#roster.purge();
    return this.#outcomes.purge();
  }

  /** The code that reads throw at the moment, if any. */
  fault(): 'registry-rolled-back' | 'state-stale' | undefined {
    return this.#view.fault();
  }
}
