/**
 * Entries on their way to the log. Those of one turn of the event loop go as one message, and while messages are under way
 * what comes gathers for the next: signing a message and checking its receipts costs the same for one entry as for many.
 * Nothing waits longer than the log may be silent.
 */
import type { StrongroomError } from '@strongroom/errors';

export interface AppendQueueOptions<Item> {
  readonly itemsMax: number;
  readonly bytesMax: number;
  readonly underWayMax: number;
  readonly bytesOf: (item: Item) => number;
  /** One result for each item, in their order; a rejection is the answer to all of them. */
  readonly send: (items: readonly Item[]) => Promise<readonly (number | StrongroomError)[]>;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: (index: number) => void;
  readonly reject: (fault: unknown) => void;
}

export class AppendQueue<Item> {
  readonly #options: AppendQueueOptions<Item>;
  #waiting: Waiting<Item>[] = [];
  #underWay = 0;
  #isScheduled = false;

  constructor(options: AppendQueueOptions<Item>) {
    this.#options = options;
  }

  add(item: Item): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#underWay >= this.#options.underWayMax) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      while (this.#waiting.length > 0 && this.#underWay < this.#options.underWayMax)
        void this.#send(this.#take());
    });
  }

  #take(): readonly Waiting<Item>[] {
    const { itemsMax, bytesMax, bytesOf } = this.#options;
    let bytes = 0;
    let count = 0;
    for (const { item } of this.#waiting) {
      bytes += bytesOf(item);
      if (count === itemsMax || (count > 0 && bytes > bytesMax)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #send(batch: readonly Waiting<Item>[]): Promise<void> {
    this.#underWay += 1;
    try {
      const results = await this.#options.send(batch.map(({ item }) => item));
      for (const [at, { resolve, reject }] of batch.entries()) {
        const result = results[at];
        if (typeof result === 'number') resolve(result);
        else reject(result);
      }
    } catch (fault) {
      // A log that does not answer one message is not asked the next: what gathered meanwhile has waited as long.
      for (const { reject } of [...batch, ...this.#waiting.splice(0)]) reject(fault);
    } finally {
      this.#underWay -= 1;
      if (this.#waiting.length > 0) this.#schedule();
    }
  }
}
