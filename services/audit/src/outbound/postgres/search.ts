/**
 * Filters as SQL. Each member of a filter is a search of its own in the order of the log, served by the index of one of
 * its conditions and ended by its own limit; the first matches of all are the first of the whole. One search with `OR`
 * would have to read every match of every member before it could order them.
 */
import type { AuditFacet } from '@strongroom/contracts';
import type { EntryConditions, EntrySelection, EntrySpan, Match } from '../../domain/entry-selection.ts';
import type { Statement } from './connection.ts';

/** Every text that begins with `p` is from `p` up to `p` and this, the last character there is (columns compare bytes). */
const lastCharacter = '\u{10ffff}';

type Parameter = (value: unknown) => string;

export function searchStatement({ anyOf, first, end, order, limit }: EntrySelection): Statement {
  const { values, parameter } = parameters();
  const [low, high, most] = [parameter(first), parameter(end), parameter(limit)];
  const direction = order === 'oldest-first' ? 'ASC' : 'DESC';
  const members = anyOf.map((conditions) => {
    const { from, index, where } = membersOf(conditions, parameter);
    const conditionsText = [`${index} >= ${low}`, `${index} < ${high}`, ...where].join(' AND ');
    return `SELECT ${index} AS index FROM ${from} WHERE ${conditionsText} ORDER BY ${index} ${direction} LIMIT ${most}`;
  });
  const found =
    members.length === 1
      ? members[0]
      : `${members.map((member) => `(${member})`).join(' UNION ')} ORDER BY index ${direction} LIMIT ${most}`;
  const text = `SELECT entry.index, leaf, append, append_offset FROM (${found}) AS found
    JOIN entry ON entry.index = found.index ORDER BY entry.index ${direction}`;
  return { text, values };
}

/** Each entry once, whatever number of members it fits. */
export function countStatement({ anyOf, first, end }: EntrySpan, by: AuditFacet, limit: number): Statement {
  const { values, parameter } = parameters();
  const [low, high, most] = [parameter(first), parameter(end), parameter(limit)];
  const members = anyOf.map((conditions) => {
    const { from, index, where } = membersOf(conditions, parameter);
    return `SELECT ${index} AS index FROM ${from} WHERE ${[`${index} >= ${low}`, `${index} < ${high}`, ...where].join(' AND ')}`;
  });
  const text = `WITH counted AS (
      SELECT entry.${by} AS value, count(*)::integer AS count FROM (${members.join(' UNION ')}) AS found
      JOIN entry ON entry.index = found.index GROUP BY 1
    )
    SELECT value, count, (SELECT sum(count) FROM counted)::integer AS total
    FROM counted ORDER BY (value IS NULL), count DESC, value LIMIT ${most} + 1`;
  return { text, values };
}

interface Member {
  readonly from: string;
  /** The column that the index of the member continues with, so that it answers range and order too. */
  readonly index: string;
  readonly where: readonly string[];
}

function membersOf(conditions: EntryConditions, parameter: Parameter): Member {
  const { actor, operation, outcome, requestId, cluster, namespace, objects } = conditions;
  const where = [
    ...(actor === undefined ? [] : matching('entry.actor', actor, parameter)),
    ...(operation === undefined ? [] : matching('entry.operation', operation, parameter)),
    // `done` has no index of its own: nearly all entries are.
    ...(outcome === undefined ? [] : outcomeIs(outcome, parameter)),
    ...(requestId === undefined ? [] : [`entry.request_id = ${parameter(requestId)}`]),
    ...(cluster === undefined ? [] : [`entry.cluster = ${parameter(cluster)}`]),
    ...(namespace === undefined ? [] : [`entry.namespace = ${parameter(namespace)}`]),
  ];
  const [object, ...others] = objects;
  if (object === undefined) return { from: 'entry', index: 'entry.index', where };
  const joins = [
    ...others.map(
      (other, at) =>
        `JOIN entry_object AS other${at} ON other${at}.index = entry_object.index AND other${at}.object = ${parameter(other)}`,
    ),
    ...(where.length > 0 ? ['JOIN entry ON entry.index = entry_object.index'] : []),
  ];
  return {
    from: ['entry_object', ...joins].join(' '),
    index: 'entry_object.index',
    where: [`entry_object.object = ${parameter(object)}`, ...where],
  };
}

function matching(column: string, { text, isPrefix }: Match, parameter: Parameter): string[] {
  if (!isPrefix) return [`${column} = ${parameter(text)}`];
  return [`${column} >= ${parameter(text)}`, `${column} < ${parameter(text + lastCharacter)}`];
}

/** The planner takes a partial index only where the text of the statement says its condition. */
function outcomeIs(outcome: string, parameter: Parameter): string[] {
  const is = `entry.outcome = ${parameter(outcome)}`;
  return outcome === 'done' ? [is] : [is, `entry.outcome <> 'done'`];
}

function parameters(): { readonly values: unknown[]; readonly parameter: Parameter } {
  const values: unknown[] = [];
  return { values, parameter: (value) => `$${values.push(value)}` };
}
