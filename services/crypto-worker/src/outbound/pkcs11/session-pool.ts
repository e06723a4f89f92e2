/**
 * One operation per session. A session that saw any error but an authentication failure may still have the operation
 * open (SoftHSM then answers CKR_OPERATION_ACTIVE to everything), so it is closed and another takes its place: that
 * costs seven microseconds. Work tells "the session is good, the data was not" by throwing a StrongroomError.
 *
 * The pool never holds the last session of the login: whoever owns the pool keeps one of its own open, because
 * closing the last one logs out and kills every handle.
 *
 * An ended pool gives out nothing more. That matters to work that waited for something in between: its handles are
 * numbers, and after a re-initialisation the same number may name another session or another key.
 */
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { Handle } from './cryptoki.ts';
import { tokenLost } from './fault.ts';

export interface SessionPoolOptions {
  readonly open: () => Handle;
  readonly close: (session: Handle) => void;
  readonly sessionsMax: number;
}

export class SessionPool {
  readonly #options: SessionPoolOptions;
  readonly #idle: Handle[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #open = 0;
  #ended = false;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
  }

  /** Sessions open now; never more than the bound. */
  get size(): number {
    return this.#open;
  }

  /** Whether work is on another thread. */
  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  use<T>(work: (session: Handle) => T): T {
    const session = this.#take();
    let result: T;
    try {
      result = work(session);
    } catch (error) {
      this.#giveBack(session, error);
      throw error;
    }
    this.#idle.push(session);
    return result;
  }

  /** For calls that run on another thread. `settled` waits for the whole of the work. */
  useAsync<T>(work: (session: Handle) => Promise<T>): Promise<T> {
    const running = this.#run(work);
    const forget = () => this.#running.delete(running);
    this.#running.add(running);
    running.then(forget, forget);
    return running;
  }

  /** Nothing is given out from now on. */
  end(): void {
    this.#ended = true;
  }

  /** When no work is on another thread: only then may the module be finalised. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async #run<T>(work: (session: Handle) => Promise<T>): Promise<T> {
    const session = this.#take();
    let result: T;
    try {
      result = await work(session);
    } catch (error) {
      this.#giveBack(session, error);
      throw error;
    }
    this.#idle.push(session);
    return result;
  }

  #take(): Handle {
    if (this.#ended) throw tokenLost();
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#open >= this.#options.sessionsMax) {
      throw new StrongroomError('overloaded', { detail: 'HSM sessions', retryAfterMs: 100 });
    }
    const session = this.#options.open();
    this.#open += 1;
    return session;
  }

  #giveBack(session: Handle, error: unknown): void {
    if (isStrongroomError(error)) {
      this.#idle.push(session);
      return;
    }
    this.#open -= 1;
    try {
      this.#options.close(session);
    } catch {
      // Already gone with the device or the library; the error that brought us here is the one that counts.
    }
  }
}
