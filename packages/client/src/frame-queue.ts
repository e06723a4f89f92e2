/**
 * Frames on their way to the gateway. A few exchanges are under way at a time, and what is asked meanwhile gathers for the
 * next one: an exchange costs the same for one frame as for many, so whoever asks much gets it cheaper, and whoever asks
 * alone waits for nobody. Nor is anybody held up by a slow exchange: what has gathered for some milliseconds leaves anyway.
 */
import { frameBytesMax } from '@strongroom/sealed';

export interface FrameQueueOptions {
  readonly one: (frame: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>;
  /** Tells each answer as it comes; rejects when those that are left will not come. */
  readonly many: (
    frames: readonly Uint8Array[],
    signal: AbortSignal,
    tell: (number: number, answer: Uint8Array) => void,
  ) => Promise<void>;
}

interface Waiting {
  readonly frame: Uint8Array;
  readonly signal: AbortSignal;
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (fault: unknown) => void;
  /** Told when the caller leaves while its exchange is under way. */
  onLeave: (() => void) | undefined;
}

const underWayMax = 4;
const gatherMsMax = 5;
/** How long an exchange may go on that has answered everything. */
const endMsMax = 1_000;
/** Half of what a bundle takes: two exchanges that overlap keep caller and worker busy at the same time. */
const framesMax = 32;
const bytesMax = frameBytesMax / 2;

export class FrameQueue {
  readonly #options: FrameQueueOptions;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #isScheduled = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FrameQueueOptions) {
    this.#options = options;
  }

  /** The frame that answers; rejects with what the exchange rejects with, or the reason of the signal. */
  exchange(frame: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { frame, signal, resolve, reject, onLeave: undefined };
      // One listener for both ways to leave; it goes with the signal, which lives as long as the call.
      signal.addEventListener('abort', () => {
        reject(signal.reason);
        waiting.onLeave?.();
      });
      this.#waiting.push(waiting);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#waiting.length === 0) return;
    if (this.#underWay >= underWayMax) {
      this.#timer ??= setTimeout(() => this.#sendAll(), gatherMsMax);
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => {
        this.#isScheduled = false;
        while (this.#waiting.length > 0 && this.#underWay < underWayMax) this.#sendNext();
        this.#schedule();
      });
    }
  }

  #sendAll(): void {
    this.#timer = undefined;
    while (this.#waiting.length > 0) this.#sendNext();
  }

  #sendNext(): void {
    const batch = this.#take();
    if (this.#waiting.length === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (batch.length > 0) void this.#send(batch);
  }

  #take(): readonly Waiting[] {
    const open = this.#waiting.filter(({ signal }) => !signal.aborted);
    let bytes = 0;
    let count = 0;
    for (const { frame } of open) {
      bytes += frame.length;
      if (count === framesMax || (count > 0 && bytes > bytesMax)) break;
      count += 1;
    }
    this.#waiting = open.slice(count);
    return open.slice(0, count);
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    this.#underWay += 1;
    try {
      const [only] = batch;
      if (batch.length === 1 && only !== undefined)
        only.resolve(await this.#options.one(only.frame, only.signal));
      else await this.#sendMany(batch);
    } catch (fault) {
      for (const { reject } of batch) reject(fault);
    } finally {
      this.#underWay -= 1;
      this.#schedule();
    }
  }

  /** Ends with the exchange, which is given up when nobody waits for an answer of it any more. */
  async #sendMany(batch: readonly Waiting[]): Promise<void> {
    const controller = new AbortController();
    const open = new Set(batch);
    let ending: NodeJS.Timeout | undefined;
    for (const each of batch) {
      each.onLeave = () => {
        if (open.delete(each) && open.size === 0) controller.abort(each.signal.reason);
      };
    }
    const tell = (number: number, answer: Uint8Array) => {
      const asked = batch[number];
      if (asked === undefined || !open.delete(asked)) return;
      asked.resolve(answer);
      if (open.size === 0) ending = setTimeout(() => controller.abort(), endMsMax);
    };
    try {
      await this.#options.many(
        batch.map(({ frame }) => frame),
        controller.signal,
        tell,
      );
    } finally {
      clearTimeout(ending);
    }
  }
}
