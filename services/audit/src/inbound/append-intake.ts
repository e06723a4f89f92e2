/**
 * Listens for appends exactly while this process is the writer. A process that another one has fenced must leave the
 * queue group: it would go on to get its share of the appends, and refuse it, while the new writer could take it.
 */
import type { ResponderHandle } from '@strongroom/bus';
import type { WriterState } from '../app/writer-state.ts';

export interface AppendIntakeOptions {
  /** Starts to answer; stops when the handle is drained. */
  readonly listen: () => Promise<ResponderHandle>;
  readonly report: (task: string, fault: unknown) => void;
}

export class AppendIntake {
  readonly #options: AppendIntakeOptions;
  #handle: ResponderHandle | undefined;
  /** Changes are worked off one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: AppendIntakeOptions) {
    this.#options = options;
  }

  follow(state: WriterState): void {
    if (state.kind === 'writing') this.#then(() => this.#open());
    if (state.kind === 'stopped') this.#then(() => this.close());
  }

  get isListening(): boolean {
    return this.#handle !== undefined;
  }

  /** Resolves when no append comes in and all that came are answered. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.drain();
  }

  /** Resolves when the last change of state was followed. */
  settled(): Promise<void> {
    return this.#turn;
  }

  async #open(): Promise<void> {
    this.#handle ??= await this.#options.listen();
  }

  #then(step: () => Promise<void>): void {
    this.#turn = this.#turn
      .then(step)
      .catch((fault: unknown) => this.#options.report('append-intake', fault));
  }
}
