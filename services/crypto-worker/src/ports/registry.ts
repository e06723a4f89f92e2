/**
 * What the worker needs of its record store. The database behind it is untrusted (I9): every record carries a MAC over
 * its kind, id, version and value, and every record's MAC is a leaf of an authenticated dictionary whose root is MACed
 * with its sequence number and anchored in the HSM. So an edited, swapped, hidden or resurrected row is refused as
 * `record-tampered`, an older database as `registry-rolled-back`, and "absent" is as well proven as "present".
 *
 * Every method may throw `database-unavailable`, and `registry-rolled-back` from the moment that the database showed a
 * state which does not follow from the known one until it shows one that does. `read` and `list` throw `state-stale`
 * when the current sequence could not be read for 5 s.
 */
import type { DomainEvent } from '@strongroom/contracts';
import type { RecordKind, RecordValue } from '../domain/record.ts';
import type { HeadReference } from '../domain/registry/head.ts';

export interface RegistryRecord<Kind extends RecordKind> {
  readonly kind: Kind;
  readonly id: string;
  /** Counts from 1 over all changes of this record; goes on counting where a removed one is made again. */
  readonly version: number;
  /** Frozen all through. */
  readonly value: RecordValue<Kind>;
}

export interface WalkedPage<Kind extends RecordKind> {
  readonly records: readonly RegistryRecord<Kind>[];
  /** Ids of what could not be shown. */
  readonly tampered: readonly string[];
  /** Last id of the page, seen or not; `undefined` where it is the last page. */
  readonly next: string | undefined;
}

export type RecordChange = {
  readonly [Kind in RecordKind]: {
    readonly kind: Kind;
    readonly id: string;
    /** The version that the change was decided on; 0 for a record that must not exist. Else `version-conflict`. */
    readonly expectedVersion: number;
    /** `undefined` removes the record. */
    readonly value: RecordValue<Kind> | undefined;
  };
}[RecordKind];

/** What a mutation answered, kept for 24 h so that the same request id gets the same answer. */
export interface StoredOutcome {
  readonly actor: string;
  readonly requestId: string;
  readonly requestHash: string;
  /** Canonical bytes of the reply without session; encrypted at rest. */
  readonly reply: Uint8Array;
}

/** A mutation between its intent entry and its outcome entry. */
export interface OpenIntent {
  readonly actor: string;
  readonly requestId: string;
  readonly operation: string;
  readonly requestHash: string;
  /** The worker process that opened it. */
  readonly worker: string;
  readonly openedAt: string;
  /** Canonical bytes of the intent entry's body. */
  readonly body: Uint8Array;
}

export interface Registry {
  /** Sequence of the newest commit that this process knows and has verified. */
  sequence(): number;
  /** The newest commit with the hash that stands for all history before it: what the HSM remembers. */
  head(): HeadReference;

  /** `undefined`: proven absent. Throws `record-tampered`. */
  read<Kind extends RecordKind>(kind: Kind, id: string): Promise<RegistryRecord<Kind> | undefined>;
  /**
   * Records in order of id (UTF-16 code units) with `id > after`, prefix match; each verified, none left out, and fewer
   * than `limit` only at the end. Throws `record-tampered`.
   */
  list<Kind extends RecordKind>(
    kind: Kind,
    page: { readonly prefix: string; readonly after?: string; readonly limit: number },
  ): Promise<readonly RegistryRecord<Kind>[]>;

  /**
   * A page of a walk over all records of a kind: as `list`, but one that was tampered with is named beside the others instead
   * of keeping them from being seen. Whoever walks past it must say so.
   */
  walk<Kind extends RecordKind>(
    kind: Kind,
    page: { readonly prefix: string; readonly after?: string; readonly limit: number },
  ): Promise<WalkedPage<Kind>>;

  /**
   * Version of a record whose value is not needed, and is not looked at: what was tampered with can be removed. 0: proven
   * absent.
   */
  versionOf(kind: RecordKind, id: string): Promise<number>;
  /** How many records there are whose id starts with the prefix. Throws as `list` does. */
  count(kind: RecordKind, prefix: string): Promise<number>;

  /** Durable before the effect. Throws `already-exists` for a second intent of (actor, request id). */
  openIntent(intent: OpenIntent): Promise<void>;
  /** After the outcome entry has its receipt. */
  closeIntent(actor: string, requestId: string): Promise<void>;
  /** Oldest first. One that was tampered with is left out and reported: it must not keep the others from being reconciled. */
  listIntents(): Promise<readonly OpenIntent[]>;

  /**
   * All changes, the stored outcome and the events become durable together, or nothing does. Throws
   * `version-conflict`; `request-replayed` where (actor, request id) has an outcome already; `record-tampered` where what
   * it changes can not be verified; `outcome-unknown` when the connection broke during commit.
   */
  commit(
    changes: readonly RecordChange[],
    outcome: StoredOutcome,
    events: readonly DomainEvent[],
  ): Promise<void>;
  /** `undefined`: none, or older than 24 h. Throws `record-tampered`. */
  findOutcome(actor: string, requestId: string): Promise<StoredOutcome | undefined>;
}
