/** What the writer is doing, from one state to the next. What is final stays. */
import { StrongroomError } from '@strongroom/errors';
import type { WriterState } from './writer-state.ts';

export class WriterStatus {
  readonly #onState: (state: WriterState) => void;
  #state: WriterState = { kind: 'opening', reason: 'not started' };

  constructor(onState: (state: WriterState) => void) {
    this.#onState = onState;
  }

  get state(): WriterState {
    return this.#state;
  }

  /** The log has not been opened yet, and may be. */
  get isWaiting(): boolean {
    return this.#state.kind === 'opening' || this.#state.kind === 'standing-by';
  }

  enter(state: WriterState): void {
    // A commit that was under way when the writer stopped must not open it again.
    if (this.#state.kind === 'stopped' || this.#state.kind === 'fenced') return;
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    this.#onState(state);
  }

  /** Why it does not open yet; for people. */
  waitFor(reason: string): void {
    if (this.isWaiting) this.enter({ kind: 'opening', reason });
  }

  standBy(reason: string, seesWriter: boolean): void {
    if (this.isWaiting) this.enter({ kind: 'standing-by', reason, seesWriter });
  }

  /** For good. */
  stop(reason: string): void {
    this.enter({ kind: 'stopped', reason });
  }

  /** For good. Throws what callers hear from now on. */
  fail(reason: string): never {
    this.stop(reason);
    throw new StrongroomError('audit-unavailable', { detail: reason });
  }

  /** For good. Throws what callers hear from now on. */
  fence(found: number, own: number): never {
    const reason = `another writer took over with epoch ${found}; this one has ${own}`;
    this.enter({ kind: 'fenced', reason });
    throw new StrongroomError('audit-unavailable', { detail: reason });
  }
}
