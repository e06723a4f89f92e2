/** Work done one at a time, in order of arrival. What is beyond the bound is refused at once. */
import { StrongroomError } from '@strongroom/errors';

export class SerialQueue {
  readonly #waitingMax: number;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#waitingMax) {
      throw new StrongroomError('overloaded', { detail: 'HSM key generation', retryAfterMs: 1_000 });
    }
    this.#waiting += 1;
    const turn = this.#tail.then(work).finally(() => {
      this.#waiting -= 1;
    });
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}
