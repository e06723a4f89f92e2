/** A filter as SQL. Values travel as parameters only; names are written here. */
import type { AuditFilter } from '@strongroom/contracts';

export interface SearchQuery {
  readonly filter: AuditFilter;
  readonly size: number;
  readonly after: number | undefined;
  readonly order: 'newest-first' | 'oldest-first';
  readonly limit: number;
}

export function searchStatement(query: SearchQuery): { readonly text: string; readonly values: unknown[] } {
  const { filter, size, after, order, limit } = query;
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const conditions = [`entry.index < ${value(size)}`];
  const where = (given: unknown, condition: (parameter: string) => string) => {
    if (given !== undefined) conditions.push(condition(value(given)));
  };
  where(after, (place) => `entry.index ${order === 'newest-first' ? '<' : '>'} ${place}`);
  where(filter.from, (from) => `entry.at >= ${from}`);
  where(filter.to, (to) => `entry.at < ${to}`);
  where(filter.actor, (actor) => `entry.actor = ${actor}`);
  where(filter.operation, (operation) => `entry.operation = ${operation}`);
  where(filter.outcome, (outcome) => `entry.outcome = ${outcome}`);
  where(filter.requestId, (requestId) => `entry.request_id = ${requestId}::uuid`);
  for (const kind of ['key', 'secret'] as const) {
    const name = filter[kind];
    where(
      name === undefined ? undefined : `${kind} ${name}`,
      (object) => `entry.index IN (SELECT index FROM entry_object WHERE object = ${object})`,
    );
  }
  const direction = order === 'newest-first' ? 'DESC' : 'ASC';
  const text = `SELECT entry.index, leaf, body_hash, append, append_offset FROM entry
    WHERE ${conditions.join(' AND ')} ORDER BY entry.index ${direction} LIMIT ${value(limit)}`;
  return { text, values };
}
