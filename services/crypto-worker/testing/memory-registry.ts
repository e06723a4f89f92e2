/**
 * A registry without a database, for tests of what stands on it. It keeps every promise of the port that is not about
 * tampering: versions that go on counting, commits that are whole or nothing, outcomes for 24 h.
 */
import { createHash } from 'node:crypto';
import { type CanonicalValue, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import type { DomainEvent } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { RecordKind, RecordValue } from '../src/domain/record.ts';
import type { HeadReference } from '../src/domain/registry/head.ts';
import { type RecordName, recordName } from '../src/domain/registry/record-name.ts';
import type { NamePage } from '../src/domain/registry/sorted-names.ts';
import type {
  OpenIntent,
  RecordChange,
  Registry,
  RegistryRecord,
  StoredOutcome,
  WalkedPage,
} from '../src/ports/registry.ts';

interface Stored {
  readonly kind: RecordKind;
  readonly id: string;
  readonly version: number;
  /** Canonical bytes; `undefined`: removed at this version. */
  readonly body: Uint8Array | undefined;
}

const dayMs = 24 * 3_600_000;

/** How the next commit fails: before it did anything, or after it did everything. */
export type CommitFault = 'not-applied' | 'reply-lost';

export class MemoryRegistry implements Registry {
  /** Of all commits, in order. */
  readonly events: DomainEvent[] = [];
  readonly commitFaults: CommitFault[] = [];
  /** Names of records that somebody tampered with. */
  readonly tampered = new Set<string>();
  readonly #nowMs: () => number;
  readonly #stored = new Map<RecordName, Stored>();
  readonly #outcomes = new Map<string, StoredOutcome & { readonly expiresAtMs: number }>();
  readonly #intents = new Map<string, OpenIntent>();
  #head: HeadReference = { sequence: 0, hash: new Uint8Array(32) };

  constructor(clock: { nowMs(): number } = { nowMs: () => Date.now() }) {
    this.#nowMs = () => clock.nowMs();
  }

  sequence(): number {
    return this.#head.sequence;
  }

  head(): HeadReference {
    return this.#head;
  }

  async read<Kind extends RecordKind>(kind: Kind, id: string): Promise<RegistryRecord<Kind> | undefined> {
    const name = recordName(kind, id);
    if (this.tampered.has(name)) throw new StrongroomError('record-tampered', { detail: name });
    const stored = this.#stored.get(name);
    return stored?.body && (toRecord(stored, stored.body) as RegistryRecord<Kind>);
  }

  async list<Kind extends RecordKind>(kind: Kind, page: NamePage): Promise<readonly RegistryRecord<Kind>[]> {
    const { records, tampered } = await this.walk(kind, page);
    if (tampered.length > 0) throw new StrongroomError('record-tampered', { detail: `${tampered[0]}` });
    return records;
  }

  async walk<Kind extends RecordKind>(
    kind: Kind,
    { prefix, after = '', limit }: NamePage,
  ): Promise<WalkedPage<Kind>> {
    const records: RegistryRecord<RecordKind>[] = [];
    for (const stored of this.#stored.values()) {
      const isOnPage = stored.kind === kind && stored.id.startsWith(prefix) && stored.id > after;
      if (isOnPage && stored.body) records.push(toRecord(stored, stored.body));
    }
    records.sort((a, b) => (a.id < b.id ? -1 : 1));
    const page = records.slice(0, limit) as unknown as RegistryRecord<Kind>[];
    const isTampered = ({ id }: { readonly id: string }) => this.tampered.has(recordName(kind, id));
    return {
      records: page.filter((record) => !isTampered(record)),
      tampered: page.filter(isTampered).map(({ id }) => id),
      next: page.length < limit ? undefined : page.at(-1)?.id,
    };
  }

  async versionOf(kind: RecordKind, id: string): Promise<number> {
    return (await this.read(kind, id))?.version ?? 0;
  }

  async count(kind: RecordKind, prefix: string): Promise<number> {
    const all = await this.walk(kind, { prefix, limit: Number.POSITIVE_INFINITY });
    return all.records.length + all.tampered.length;
  }

  async commit(
    changes: readonly RecordChange[],
    outcome: StoredOutcome,
    events: readonly DomainEvent[],
  ): Promise<void> {
    const fault = this.commitFaults.shift();
    if (fault === 'not-applied') throw new StrongroomError('database-unavailable');
    const next = changes.map((change) => this.#decide(change));
    const names = new Set(changes.map(({ kind, id }) => recordName(kind, id)));
    if (names.size !== changes.length) throw new StrongroomError('version-conflict');
    const { actor, requestId } = outcome;
    if (this.#outcomeOf(actor, requestId)) throw new StrongroomError('request-replayed');
    for (const stored of next) if (stored) this.#stored.set(recordName(stored.kind, stored.id), stored);
    this.#outcomes.set(pair(actor, requestId), { ...outcome, expiresAtMs: this.#nowMs() + dayMs });
    this.events.push(...events);
    const sequence = this.#head.sequence + 1;
    this.#head = { sequence, hash: createHash('sha256').update(`${sequence}`).digest() };
    if (fault === 'reply-lost') throw new StrongroomError('outcome-unknown');
  }

  async findOutcome(actor: string, requestId: string): Promise<StoredOutcome | undefined> {
    return this.#outcomeOf(actor, requestId);
  }

  #outcomeOf(actor: string, requestId: string): StoredOutcome | undefined {
    const found = this.#outcomes.get(pair(actor, requestId));
    if (found === undefined || found.expiresAtMs <= this.#nowMs()) return undefined;
    const { expiresAtMs: _, ...outcome } = found;
    return outcome;
  }

  async openIntent(intent: OpenIntent): Promise<void> {
    const key = pair(intent.actor, intent.requestId);
    if (this.#intents.has(key)) throw new StrongroomError('already-exists');
    this.#intents.set(key, intent);
  }

  async closeIntent(actor: string, requestId: string): Promise<void> {
    this.#intents.delete(pair(actor, requestId));
  }

  async listIntents(): Promise<readonly OpenIntent[]> {
    return [...this.#intents.values()].sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
  }

  #decide({ kind, id, expectedVersion, value }: RecordChange): Stored | undefined {
    const stored = this.#stored.get(recordName(kind, id));
    const present = stored?.body ? stored.version : 0;
    if (present !== expectedVersion) throw new StrongroomError('version-conflict');
    if (value === undefined && present === 0) return undefined;
    const body = value && canonicalBytes(value as unknown as CanonicalValue);
    return { kind, id, version: (stored?.version ?? 0) + 1, body };
  }
}

const pair = (actor: string, requestId: string): string => JSON.stringify([actor, requestId]);

function toRecord({ kind, id, version }: Stored, body: Uint8Array): RegistryRecord<RecordKind> {
  return {
    kind,
    id,
    version,
    value: freeze(parseCanonical(body, { bytesMax: body.length })) as unknown as RecordValue<RecordKind>,
  };
}

function freeze(value: CanonicalValue): CanonicalValue {
  if (typeof value === 'object') {
    for (const member of Object.values(value)) if (member !== undefined) freeze(member);
    Object.freeze(value);
  }
  return value;
}
