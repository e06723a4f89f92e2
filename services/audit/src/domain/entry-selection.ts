/** Which entries a filter asks for, in the terms of the log: a range of indexes, subjects and columns. */
import type { AuditConditions, AuditFilter, Entry, EntryOutcome } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { objectName, storable } from './subject.ts';

export type Order = 'newest-first' | 'oldest-first';

/** A text, or every text that begins with it. */
export interface Match {
  readonly text: string;
  readonly isPrefix: boolean;
}

/** All of them hold at once. */
export interface EntryConditions {
  readonly actor?: Match;
  readonly operation?: Match;
  readonly outcome?: EntryOutcome;
  readonly requestId?: string;
  readonly cluster?: string;
  readonly namespace?: string;
  /** Names of objects; an entry is about all of them. */
  readonly objects: readonly string[];
}

export interface EntrySpan {
  /** Indexes from `first` up to and without `end`. */
  readonly first: number;
  readonly end: number;
  /** An entry fits one of these. Never empty. */
  readonly anyOf: readonly EntryConditions[];
}

export interface EntrySelection extends EntrySpan {
  readonly order: Order;
  readonly limit: number;
}

/** Throws `request-invalid` for what the schema lets pass and no entry can match. */
export function conditionsOf({ from: _from, to: _to, anyOf, ...common }: AuditFilter): EntryConditions[] {
  if (anyOf === undefined) return [matchesOf(common, '/filter')];
  return anyOf.map((member, at) => {
    const place = `/filter/anyOf/${at}`;
    // Both could only hold at once if they were the same: it is a mistake, and none that an empty answer would tell.
    const twice = Object.keys(member).find((name) => Object.hasOwn(common, name));
    if (twice !== undefined) refuse(`${place}/${twice}`);
    return matchesOf({ ...common, ...member }, place);
  });
}

function matchesOf(
  { actor, operation, outcome, requestId, cluster, namespace, key, secret }: AuditConditions,
  place: string,
): EntryConditions {
  return {
    ...(actor === undefined ? {} : { actor: matchOf(actor) }),
    ...(operation === undefined ? {} : { operation: matchOf(operation) }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(cluster === undefined ? {} : { cluster: storable(cluster) }),
    ...(namespace === undefined ? {} : { namespace: storable(namespace) }),
    objects: [
      ...(key === undefined ? [] : [objectOf('key', key, place)]),
      ...(secret === undefined ? [] : [objectOf('secret', secret, place)]),
    ],
  };
}

/** No principal and no operation of the catalogue has an asterisk in its name. */
function matchOf(pattern: string): Match {
  const isPrefix = pattern.endsWith('*');
  return { text: storable(isPrefix ? pattern.slice(0, -1) : pattern), isPrefix };
}

export function matches({ text, isPrefix }: Match, value: string): boolean {
  return isPrefix ? value.startsWith(text) : value === text;
}

/** Whether an entry is one that the database would find by these conditions. */
export function fits({ body }: Entry, conditions: EntryConditions): boolean {
  const { actor, operation, objects, outcome, requestId, cluster, namespace } = conditions;
  const names = new Set(body.objects.map(objectName));
  return (
    (actor === undefined || matches(actor, body.actor.id)) &&
    (operation === undefined || matches(operation, storable(body.operation))) &&
    (outcome === undefined || outcome === body.outcome) &&
    (requestId === undefined || requestId === body.requestId) &&
    (cluster === undefined || cluster === body.actor.cluster) &&
    (namespace === undefined || namespace === storable(body.actor.namespace ?? '')) &&
    objects.every((object) => names.has(object))
  );
}

/** The pattern of a timestamp lets the 31st of February pass; the calendar does not. */
export function timeOf(time: string | undefined, field: 'from' | 'to'): string | undefined {
  if (time === undefined) return undefined;
  const parsed = new Date(time);
  if (Number.isNaN(parsed.getTime()) || parsed.toISOString() !== time) refuse(`/filter/${field}`);
  return time;
}

function objectOf(kind: 'key' | 'secret', name: string, place: string): string {
  const slash = name.indexOf('/');
  if (slash < 0) refuse(`${place}/${kind}`);
  return objectName({ kind, group: name.slice(0, slash), name: name.slice(slash + 1) });
}

function refuse(detail: string): never {
  throw new StrongroomError('request-invalid', { detail });
}
