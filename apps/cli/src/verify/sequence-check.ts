/**
 * Completeness: indexes grow; a bundle of the whole log has every index; a bundle of one actor or object has every
 * sequence number of it from the first to the last that it shows. So a filtered answer that leaves something out is seen.
 */
import type { AuditFilter, Entry } from '@strongroom/contracts';
import { isWholeLog } from './bundle.ts';

const gapsMax = 20;

export class SequenceCheck {
  readonly #filter: AuditFilter;
  readonly #size: number;
  readonly #gaps: string[] = [];
  #lastIndex = -1;
  #lastSequence: number | undefined;
  #firstGap: number | undefined;

  constructor(filter: AuditFilter, size: number) {
    this.#filter = filter;
    this.#size = size;
  }

  get nextIndex(): number {
    return this.#lastIndex + 1;
  }

  get firstGap(): number | undefined {
    return this.#firstGap;
  }

  /** What is wrong with the place of the entry, if anything. */
  add(index: number, entry: Entry): string | undefined {
    if (index <= this.#lastIndex) return 'the entries are not in the order of the log';
    if (isWholeLog(this.#filter) && index !== this.#lastIndex + 1)
      this.#gap(this.#lastIndex + 1, `entries ${this.#lastIndex + 1} to ${index - 1}`);
    this.#lastIndex = index;
    for (const sequence of this.#sequencesOf(entry)) {
      const expected = this.#lastSequence === undefined ? sequence : this.#lastSequence + 1;
      if (sequence !== expected)
        this.#gap(index, `sequence numbers ${expected} to ${sequence - 1} before entry ${index}`);
      this.#lastSequence = sequence;
    }
    return undefined;
  }

  /** After the last entry. */
  gaps(): readonly string[] {
    if (isWholeLog(this.#filter) && this.#lastIndex + 1 < this.#size) {
      this.#gap(this.#lastIndex + 1, `entries ${this.#lastIndex + 1} to ${this.#size - 1}`);
    }
    return this.#gaps;
  }

  /** Numbers of the one counter that the filter selects by; none for filters that cut through counters. */
  #sequencesOf({ body, placement }: Entry): readonly number[] {
    // A span of time shows a run of the counter: its start and end are open, its inside is not.
    const { actor, key, secret, operation, outcome, requestId } = this.#filter;
    const isCut = [operation, outcome, requestId].some((part) => part !== undefined);
    const selectors = [actor, key, secret].filter((part) => part !== undefined);
    if (isCut || selectors.length !== 1) return [];
    if (actor !== undefined) return [placement.actorSeq];
    const [kind, name] = key === undefined ? ['secret', secret] : ['key', key];
    return body.objects.flatMap((object, at) =>
      object.kind === kind && `${object.group}/${object.name}` === name
        ? [placement.objectSeqs[at] ?? 0]
        : [],
    );
  }

  #gap(index: number, text: string): void {
    this.#firstGap ??= index;
    if (this.#gaps.length < gapsMax) this.#gaps.push(text);
  }
}
