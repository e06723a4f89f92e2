/** Which entries a filter asks for, in the terms of the log: a range of indexes, subjects and columns. */
import type { AuditFilter, EntryOutcome } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { objectName, storable } from './subject.ts';

export type Order = 'newest-first' | 'oldest-first';

export interface EntryConditions {
  readonly actor?: string;
  readonly operation?: string;
  readonly outcome?: EntryOutcome;
  readonly requestId?: string;
  /** Names of objects; an entry is about all of them. */
  readonly objects: readonly string[];
}

export interface EntrySelection {
  /** Indexes from `first` up to and without `end`. */
  readonly first: number;
  readonly end: number;
  readonly conditions: EntryConditions;
  readonly order: Order;
  readonly limit: number;
}

/** Throws `request-invalid` for what the schema lets pass and no entry can match. */
export function conditionsOf(filter: AuditFilter): EntryConditions {
  const { actor, operation, outcome, requestId, key, secret } = filter;
  return {
    ...(actor === undefined ? {} : { actor: storable(actor) }),
    ...(operation === undefined ? {} : { operation: storable(operation) }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(requestId === undefined ? {} : { requestId }),
    objects: [
      ...(key === undefined ? [] : [objectOf('key', key)]),
      ...(secret === undefined ? [] : [objectOf('secret', secret)]),
    ],
  };
}

/** The pattern of a timestamp lets the 31st of February pass; the calendar does not. */
export function timeOf(time: string | undefined, field: 'from' | 'to'): string | undefined {
  if (time === undefined) return undefined;
  const parsed = new Date(time);
  if (Number.isNaN(parsed.getTime()) || parsed.toISOString() !== time) refuse(`/filter/${field}`);
  return time;
}

function objectOf(kind: 'key' | 'secret', name: string): string {
  const slash = name.indexOf('/');
  if (slash < 0) refuse(`/filter/${kind}`);
  return objectName({ kind, group: name.slice(0, slash), name: name.slice(slash + 1) });
}

function refuse(detail: string): never {
  throw new StrongroomError('request-invalid', { detail });
}
