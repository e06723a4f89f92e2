/**
 * What is common to all calls of the port: take the current connection or refuse at once, try a second time only where
 * the module says that it did nothing, judge every fault by the one table.
 */
import { StrongroomError } from '@strongroom/errors';
import { asFault, StaleSearch, tokenLost } from './fault.ts';
import { SerialQueue } from './serial-queue.ts';
import type { TokenAccess, TokenConnection } from './token-connection.ts';
import type { TokenSupervisor } from './token-supervisor.ts';
import type { TakeTurn } from './token-turn.ts';

const changesWaitingMax = 64;

type Change<T> = (access: TokenAccess) => Promise<T>;

export class TokenCalls {
  readonly #supervisor: TokenSupervisor;
  readonly #changeMsMax: number;
  readonly #takeTurn: TakeTurn;
  readonly #changes = new SerialQueue(changesWaitingMax);

  constructor(supervisor: TokenSupervisor, changeMsMax: number, takeTurn: TakeTurn) {
    this.#supervisor = supervisor;
    this.#changeMsMax = changeMsMax;
    this.#takeTurn = takeTurn;
  }

  /**
   * Synchronous from take to answer, so that no other work of this thread gets in between; but for a search that needs
   * a fresh connection, which waits for its turn among the changes.
   */
  read<T>(work: (connection: TokenConnection) => T): T | Promise<T> {
    const connection = this.#supervisor.connection();
    try {
      return work(connection);
    } catch (error) {
      if (error instanceof StaleSearch) return this.change(async (access) => work(access.fresh()));
      if (asFault(error)?.action !== 'retry') throw this.#answer(error);
    }
    try {
      return work(connection);
    } catch (error) {
      if (error instanceof StaleSearch) return this.change(async (access) => work(access.fresh()));
      throw this.#answer(error);
    }
  }

  /** The same for work that goes through another thread. */
  async readAsync<T>(work: (connection: TokenConnection) => Promise<T>): Promise<T> {
    const connection = this.#supervisor.connection();
    try {
      return await work(connection);
    } catch (error) {
      if (error instanceof StaleSearch) return this.change(async (access) => work(access.fresh()));
      if (asFault(error)?.action !== 'retry') throw this.#answer(error, connection);
    }
    const again = this.#supervisor.connection();
    try {
      return await work(again);
    } catch (error) {
      if (error instanceof StaleSearch) return this.change(async (access) => work(access.fresh()));
      throw this.#answer(error, again);
    }
  }

  /** One at a time on this machine; repeated once, where the module did nothing and nothing of the token had changed. */
  change<T>(work: Change<T>): Promise<T> {
    return this.#changes.run(() => this.#takeTurn(() => this.#change(work)));
  }

  async #change<T>(work: Change<T>): Promise<T> {
    try {
      return await this.#inTime(work);
    } catch (error) {
      const fault = asFault(error);
      const isUntouched = fault?.action === 'retry' && !fault.inChange;
      if (!isUntouched && !(error instanceof StaleSearch)) throw this.#answer(error);
    }
    try {
      this.#supervisor.fresh();
      return await this.#inTime(work);
    } catch (error) {
      throw this.#answer(error);
    }
  }

  async #inTime<T>(work: Change<T>): Promise<T> {
    const overdue = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      // The call may never return; nothing else is asked of this connection.
      const { current } = this.#supervisor;
      if (current !== undefined) this.#supervisor.fail(current, tokenLost());
      overdue.reject(new StrongroomError('outcome-unknown', { detail: 'the HSM did not answer in time' }));
    }, this.#changeMsMax);
    try {
      return await Promise.race([work(this.#supervisor), overdue.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #answer(error: unknown, connection = this.#supervisor.current): unknown {
    const fault = asFault(error);
    return fault === undefined ? error : this.#supervisor.judge(connection, fault);
  }
}
