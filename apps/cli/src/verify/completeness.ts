/**
 * Whether entries are left out. The indexes of the log, and the numbers of every actor and object, count from 1 without
 * gaps; a bundle that selects by one of these counters shows a missing entry as a gap. What no counter covers is said,
 * not passed over.
 */
import type { AuditFilter, Entry } from '@strongroom/contracts';
import { isNamed, matchesFilter } from './matches-filter.ts';
import { rollCallOf } from './roll-call.ts';

export interface Gap {
  /** The first entry after the gap; the size of the tree at its end. */
  readonly before: number;
  readonly text: string;
}

const gapsMax = 20;

/** Number of the entry in the counter that the filter selects by. */
type Counter = (index: number, entry: Entry) => number;

export class Completeness {
  readonly #filter: AuditFilter;
  readonly #size: number;
  readonly #counter: Counter | undefined;
  readonly #gaps: Gap[] = [];
  /** Of the counter; 0 before the first entry. */
  #last = 0;
  #isFirst = true;
  /** Index of the entry that states the last number. */
  #rollCall: number | undefined;

  constructor(filter: AuditFilter, size: number) {
    this.#filter = filter;
    this.#size = size;
    this.#counter = counterOf(filter);
  }

  /** Entries in the order of the log. */
  add(index: number, entry: Entry): void {
    const rollCall = rollCallOf(this.#filter);
    if (rollCall === undefined || matchesFilter(entry, rollCall.subject)) this.#count(index, entry);
    if (rollCall?.isAnswer(entry) !== true) return;
    const { counted = 0 } = entry.placement;
    if (counted !== this.#last) this.#gap(index, this.#last + 1, counted);
    this.#rollCall = index;
  }

  #count(index: number, entry: Entry): void {
    const number = this.#counter?.(index, entry);
    if (number === undefined) return;
    // Where the span begins at some time, so does the counter: any first number is as good as another.
    const expected = this.#isFirst && this.#filter.from !== undefined ? number : this.#last + 1;
    if (number !== expected) this.#gap(index, expected, number - 1);
    this.#last = number;
    this.#isFirst = false;
  }

  /** After the last entry. */
  end(): readonly Gap[] {
    const isOpenSpan = this.#isFirst && this.#filter.from !== undefined;
    if (isWholeLog(this.#filter) && this.#filter.to === undefined && !isOpenSpan && this.#last < this.#size) {
      this.#gap(this.#size, this.#last + 1, this.#size);
    }
    if (rollCallOf(this.#filter) !== undefined && this.#rollCall === undefined) {
      this.#gaps.push({ before: this.#size, text: 'the roll call that the filter asks for is missing' });
    }
    return this.#gaps;
  }

  /** What the absence of gaps proves, for people. */
  get claim(): string {
    const { from, to } = this.#filter;
    if (this.#counter === undefined) {
      return 'the filter combines conditions: entries that were left out would not show';
    }
    if (isWholeLog(this.#filter)) {
      if (from === undefined && to === undefined) return 'every entry up to the checkpoint';
      return 'every entry between the first and the last one shown';
    }
    if (this.#rollCall !== undefined) {
      return `every entry of this actor or object up to the roll call, which is entry ${this.#rollCall}`;
    }
    const start = from === undefined ? 'from its first entry' : 'from the first entry shown';
    return `every entry of this actor or object ${start} to the last one shown; whether there are later ones only the log can say`;
  }

  #gap(before: number, first: number, last: number): void {
    if (this.#gaps.length >= gapsMax) return;
    // Indexes count from 0, numbers from 1.
    const text = isWholeLog(this.#filter)
      ? `entries ${first - 1} to ${last - 1} are missing`
      : `numbers ${first} to ${last} are missing before entry ${before}`;
    this.#gaps.push({ before, text });
  }
}

/** No condition but time. */
function isWholeLog({ from: _from, to: _to, ...conditions }: AuditFilter): boolean {
  return Object.keys(conditions).length === 0;
}

function counterOf(filter: AuditFilter): Counter | undefined {
  if (isWholeLog(filter)) return (index) => index + 1;
  const rollCall = rollCallOf(filter);
  if (rollCall !== undefined) return counterOf(rollCall.subject);
  const { from: _from, to: _to, actor, key, secret, ...others } = filter;
  const selectors = [actor, key, secret].filter((selector) => selector !== undefined);
  if (Object.keys(others).length > 0 || selectors.length !== 1) return undefined;
  if (actor !== undefined) return actor.endsWith('*') ? undefined : (_, { placement }) => placement.actorSeq;
  const [kind, name] = key === undefined ? (['secret', secret as string] as const) : (['key', key] as const);
  return (_, { body, placement }) =>
    placement.objectSeqs[body.objects.findIndex((object) => isNamed(object, kind, name))] ?? 0;
}
