/** A task in a steady rhythm: never two at once, and the wait counts from the end of the last run. */
export interface RepeatedTaskOptions {
  readonly everyMs: number;
  readonly task: () => Promise<void>;
  /** A failed run is reported and the rhythm goes on. */
  readonly onError: (error: unknown) => void;
  /** One more run when it stops, for what must not be left undone. */
  readonly runAtStop?: boolean;
}

export class RepeatedTask {
  readonly #options: RepeatedTaskOptions;
  #loop: Promise<void> | undefined;
  #wake: () => void = () => {};
  #isStopped = false;

  constructor(options: RepeatedTaskOptions) {
    this.#options = options;
  }

  /** The first run starts at once. */
  start(): void {
    this.#loop ??= this.#repeat();
  }

  /** Resolves when the run under way has ended, and no other will start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    await this.#loop;
    if (this.#options.runAtStop && this.#loop) await this.#run();
    this.#loop = undefined;
  }

  async #repeat(): Promise<void> {
    while (!this.#isStopped) {
      await this.#run();
      await this.#pause();
    }
  }

  async #run(): Promise<void> {
    try {
      await this.#options.task();
    } catch (error) {
      this.#options.onError(error);
    }
  }

  async #pause(): Promise<void> {
    if (this.#isStopped) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#options.everyMs);
    this.#wake = resolve;
    await promise;
    clearTimeout(timer);
  }
}
