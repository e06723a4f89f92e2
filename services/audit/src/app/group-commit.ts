/**
 * Natural batching: while one batch is being committed, what arrives collects and is the next batch. Nothing waits for
 * company: on an idle queue a single item starts at the end of the turn of the event loop that it came in, so that what
 * one message of the bus carried goes together.
 */
import { StrongroomError } from '@strongroom/errors';

export interface GroupCommitOptions<Item, Result> {
  /** Entries of one batch at most. An item is never divided: none may weigh more than this. */
  readonly batchWeightMax: number;
  /** Entries that may wait; what comes on top is refused at once instead of being late. */
  readonly queueWeightMax: number;
  readonly weightOf: (item: Item) => number;
  /** Rejects before it is taken into a batch, when nobody waits for it any more. */
  readonly isExpired: (item: Item) => boolean;
  /** One result for each item, in their order. A fault is the answer to all of them. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (fault: unknown) => void;
}

const retryAfterMs = 100;

export class GroupCommit<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>;
  #queue: Waiting<Item, Result>[] = [];
  #queuedWeight = 0;
  #isScheduled = false;
  #isCommitting = false;
  #idle: (() => void)[] = [];

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options;
  }

  /** Entries that wait for a batch. */
  get queuedWeight(): number {
    return this.#queuedWeight;
  }

  /** Rejects with `overloaded`, `deadline-exceeded`, or what `commit` threw. */
  add(item: Item): Promise<Result> {
    const weight = this.#options.weightOf(item);
    if (this.#queuedWeight + weight > this.#options.queueWeightMax) {
      return Promise.reject(new StrongroomError('overloaded', { detail: 'append queue', retryAfterMs }));
    }
    this.#queuedWeight += weight;
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when nothing waits and nothing is being committed. */
  async settled(): Promise<void> {
    while (this.#isCommitting || this.#queue.length > 0) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isCommitting) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isCommitting = true;
    while (this.#queue.length > 0) await this.#commitNext(this.#take());
    this.#isCommitting = false;
    for (const wake of this.#idle.splice(0)) wake();
  }

  async #commitNext(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      const results = await this.#options.commit(batch.map(({ item }) => item));
      for (const [at, { resolve }] of batch.entries()) resolve(results[at] as Result);
    } catch (fault) {
      for (const { reject } of batch) reject(fault);
    }
  }

  #take(): readonly Waiting<Item, Result>[] {
    const { weightOf, isExpired, batchWeightMax } = this.#options;
    const batch: Waiting<Item, Result>[] = [];
    let weight = 0;
    let taken = 0;
    for (const waiting of this.#queue) {
      const own = weightOf(waiting.item);
      if (isExpired(waiting.item)) {
        waiting.reject(new StrongroomError('deadline-exceeded'));
      } else if (weight + own > batchWeightMax) {
        break;
      } else {
        weight += own;
        batch.push(waiting);
      }
      taken += 1;
      this.#queuedWeight -= own;
    }
    this.#queue = this.#queue.slice(taken);
    return batch;
  }
}
