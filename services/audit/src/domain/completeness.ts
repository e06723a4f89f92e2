/**
 * Whether an answer can be missing entries. Indexes, and the numbers of each actor and object, count without gaps; where
 * a filter selects by exactly one of these counters, a missing entry shows as a gap. The answer then says so instead of
 * passing for the whole: rows may have been removed by somebody who holds the database.
 */
import type { AuditFilter, Entry } from '@strongroom/contracts';
import { conditionsOf } from './entry-selection.ts';
import { objectName } from './subject.ts';

export interface CountedEntry {
  readonly index: number;
  readonly entry: Entry;
}

/** The counter that all matches of a filter share, or `undefined`: then gaps mean nothing. */
export type Counter = (entry: CountedEntry) => number;

export function counterOf(filter: AuditFilter): Counter | undefined {
  const [conditions, ...more] = conditionsOf(filter);
  if (conditions === undefined || more.length > 0) return undefined;
  const { actor, objects, ...others } = conditions;
  const [object, second] = objects;
  if (Object.keys(others).length > 0 || actor?.isPrefix === true || second !== undefined) return undefined;
  if (actor === undefined && object === undefined) return ({ index }) => index + 1;
  if (object === undefined) return ({ entry }) => entry.placement.actorSeq;
  if (actor !== undefined) return undefined;
  return ({ entry: { body, placement } }) =>
    placement.objectSeqs[body.objects.findIndex((one) => objectName(one) === object)] ?? 0;
}

export interface PageEdges {
  /** Number of the last entry of the page before; `undefined` on the first page. */
  readonly before: number | undefined;
  /** Nothing older can match: the first entry of the counter must be there. */
  readonly reachesStart: boolean;
}

/** Whether the numbers of a page continue each other, those of the page before, and reach 1 where they must. */
export function hasNoGap(
  numbers: readonly number[],
  step: 1 | -1,
  { before, reachesStart }: PageEdges,
): boolean {
  const chain = before === undefined ? numbers : [before, ...numbers];
  if (chain.some((number, at) => at > 0 && number !== (chain[at - 1] as number) + step)) return false;
  const oldest = step === 1 ? numbers[0] : chain.at(-1);
  return !reachesStart || oldest === undefined || oldest === 1;
}
