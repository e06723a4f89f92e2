/**
 * Listens on subjects of the bus exactly while this process is the one to answer. A process that another one has fenced
 * must leave the queue group: it would go on to get its share of the appends, and refuse it, while the new writer could
 * take it. One that stands by leaves reads to the writer too, which knows what was committed a moment ago.
 */
import type { ResponderHandle } from '@strongroom/bus';
import type { WriterState } from '../app/writer-state.ts';

export interface IntakeOptions {
  readonly name: string;
  readonly isOpenIn: (state: WriterState) => boolean;
  /** Starts to answer; stops when the handle is drained. */
  readonly listen: () => Promise<Pick<ResponderHandle, 'drain'>>;
  readonly report: (task: string, fault: unknown) => void;
}

export class Intake {
  readonly #options: IntakeOptions;
  #handle: Pick<ResponderHandle, 'drain'> | undefined;
  /** Changes are worked off one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  follow(state: WriterState): void {
    const isOpen = this.#options.isOpenIn(state);
    this.#then(() => (isOpen ? this.#open() : this.close()));
  }

  get isListening(): boolean {
    return this.#handle !== undefined;
  }

  /** Resolves when nothing comes in and all that came is answered. */
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
      .catch((fault: unknown) => this.#options.report(this.#options.name, fault));
  }
}
