/** Last sequence numbers of the counters in use, so that most batches need no read. Only committed numbers are kept. */
import type { LogStore } from '../ports/log-store.ts';

const countersMax = 100_000;

export class SequenceCache {
  readonly #store: LogStore;
  readonly #last = new Map<string, number>();

  constructor(store: LogStore) {
    this.#store = store;
  }

  async load(keys: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
    const missing = [...keys].filter((key) => !this.#last.has(key));
    if (missing.length > 0) this.store(await this.#store.lastSequences(missing));
    return this.#last;
  }

  store(numbers: ReadonlyMap<string, number>): void {
    for (const [key, number] of numbers) {
      // Moved to the end, so that the counter that rested longest leaves first.
      this.#last.delete(key);
      this.#last.set(key, number);
    }
    for (const key of this.#last.keys()) {
      if (this.#last.size <= countersMax) break;
      if (!numbers.has(key)) this.#last.delete(key);
    }
  }

  clear(): void {
    this.#last.clear();
  }
}
