/**
 * What a caller was told is done holds for the next message of anybody, whichever worker that reaches. So an answer waits
 * until every other worker has shown that it knows of the commit, or, where one does not show it, until each has had the
 * time to look by itself.
 *
 * While one question is under way, the commits that come gather for the next: at any rate of writes there is one question
 * at a time.
 */
import type { Pause } from '../../ports/clock.ts';
import type { Readers } from '../../ports/readers.ts';
import type { Registry } from '../../ports/registry.ts';

export interface SettledCommitsParts {
  readonly registry: Pick<Registry, 'sequence'>;
  readonly readers: Readers;
  readonly pause: Pause;
  /** Within this every worker has looked by itself. */
  readonly settleMs: number;
}

export class SettledCommits {
  readonly #parts: SettledCommitsParts;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<boolean> | undefined;

  constructor(parts: SettledCommitsParts) {
    this.#parts = parts;
  }

  /** Resolves when what this worker has committed holds at every other one. */
  async settled(): Promise<void> {
    const { pause, settleMs } = this.#parts;
    const looked = pause(settleMs);
    const isKnown = await Promise.race([this.#ask(), looked.then(() => true)]);
    if (!isKnown) await looked;
  }

  /** A question under way may have been asked before the commit, so its answer does not count for it. */
  #ask(): Promise<boolean> {
    this.#next ??= this.#askNext();
    return this.#next;
  }

  #askNext(): Promise<boolean> {
    const asked = this.#running.then(() => {
      this.#next = undefined;
      const { registry, readers } = this.#parts;
      return readers.know(registry.sequence());
    });
    this.#running = asked.catch(() => undefined);
    return asked;
  }
}
