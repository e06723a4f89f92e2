/**
 * The last sequence number of every subject that was met lately. Only committed numbers are in the book: a batch takes
 * its numbers on a draft, and the draft is entered when the batch is durable or thrown away when it is not. So a failed
 * commit neither loses nor skips a number.
 */

/** Subjects of one batch at most: 256 entries of one actor and 64 objects. The book must hold several of those. */
const subjectsMaxDefault = 100_000;

export class SequenceBook {
  readonly #subjectsMax: number;
  /** In the order of last use; the one that rested longest leaves first and is read again when it is met. */
  readonly #last = new Map<string, number>();

  constructor(subjectsMax = subjectsMaxDefault) {
    this.#subjectsMax = subjectsMax;
  }

  /** Subjects whose last number has to be read before a batch with them can be drafted. */
  missing(subjects: Iterable<string>): readonly string[] {
    return [...new Set(subjects)].filter((subject) => !this.#last.has(subject));
  }

  /** Enters committed numbers; 0 for a subject without entries. */
  enter(numbers: ReadonlyMap<string, number>): void {
    for (const [subject, number] of numbers) {
      this.#last.delete(subject);
      this.#last.set(subject, number);
    }
  }

  draft(): SequenceDraft {
    return new SequenceDraft(this.#last);
  }

  /** Between batches only: a draft relies on what was loaded for it. */
  trim(): void {
    for (const subject of this.#last.keys()) {
      if (this.#last.size <= this.#subjectsMax) return;
      this.#last.delete(subject);
    }
  }

  /** Whatever was believed is read again. */
  clear(): void {
    this.#last.clear();
  }
}

export class SequenceDraft {
  readonly #committed: ReadonlyMap<string, number>;
  readonly #taken = new Map<string, number>();

  constructor(committed: ReadonlyMap<string, number>) {
    this.#committed = committed;
  }

  next(subject: string): number {
    const number = this.last(subject) + 1;
    this.#taken.set(subject, number);
    return number;
  }

  /** What has been counted by now, on this draft too; 0 for a subject without entries. */
  last(subject: string): number {
    const last = this.#taken.get(subject) ?? this.#committed.get(subject);
    if (last === undefined) throw new RangeError('the last number of a subject was not loaded');
    return last;
  }

  /** An object that an entry names twice is counted once: the number says which entry about the object this is. */
  nextOfEach(subjects: readonly string[]): readonly number[] {
    const own = new Map<string, number>();
    for (const subject of subjects) if (!own.has(subject)) own.set(subject, this.next(subject));
    return subjects.map((subject) => own.get(subject) as number);
  }

  /** The last number of each subject, to be entered when the batch is durable. */
  get taken(): ReadonlyMap<string, number> {
    return this.#taken;
  }
}
