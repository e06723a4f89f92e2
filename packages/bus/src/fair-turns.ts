/**
 * Jobs that would otherwise run as fast as messages come in: each turn of the event loop gives them a share of its time, and
 * what is left over waits for the next turn. So a flood is read at the speed of reading, bounds are met where they are set
 * and not in the buffers of the operating system, and timers go on meanwhile.
 */

/** ms of a turn. A lone job never waits; of a flood, one in a share this long can still be told at once that there is no room. */
const shareMs = 4;
/** What the newest job counts for in the time that a job is expected to take. */
const newestWeight = 1 / 8;

export class FairTurns {
  readonly #waiting: (() => void)[] = [];
  /** `undefined` where this turn had no job yet. */
  #shareEndsMs: number | undefined;
  #jobMs: number | undefined;

  /** How long a job that comes now will wait, if those before it take as long as jobs took lately. */
  get expectedWaitMs(): number {
    return this.#waiting.length * (this.#jobMs ?? 0);
  }

  /** Runs the job in this turn if there is time left in it, and after all that waits otherwise. */
  run(job: () => void): void {
    const nowMs = performance.now();
    if (this.#shareEndsMs === undefined) this.#beginShare(nowMs);
    if (this.#waiting.length === 0 && nowMs < (this.#shareEndsMs ?? 0)) this.#do(job, nowMs);
    else this.#waiting.push(job);
  }

  #beginShare(nowMs: number): void {
    this.#shareEndsMs = nowMs + shareMs;
    setImmediate(() => this.#nextTurn());
  }

  #nextTurn(): void {
    this.#shareEndsMs = undefined;
    if (this.#waiting.length === 0) return;
    let nowMs = performance.now();
    const endsMs = nowMs + shareMs;
    this.#beginShare(nowMs);
    do nowMs = this.#do(this.#waiting.shift() as () => void, nowMs);
    while (this.#waiting.length > 0 && nowMs < endsMs);
  }

  #do(job: () => void, startedMs: number): number {
    job();
    const nowMs = performance.now();
    const tookMs = nowMs - startedMs;
    this.#jobMs = (this.#jobMs ?? tookMs) * (1 - newestWeight) + tookMs * newestWeight;
    return nowMs;
  }
}
