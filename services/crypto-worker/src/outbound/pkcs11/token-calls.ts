/**
 * What is common to all calls of the port: take the current connection or refuse at once, try a second time only where
 * the module says that it did nothing, judge every fault by the one table.
 */
import { StrongroomError } from '@strongroom/errors';
import { asFault, tokenLost } from './fault.ts';
import { SerialQueue } from './serial-queue.ts';
import type { TokenConnection } from './token-connection.ts';
import type { TokenSupervisor } from './token-supervisor.ts';

const changesWaitingMax = 64;

export class TokenCalls {
  readonly #supervisor: TokenSupervisor;
  readonly #changeMsMax: number;
  readonly #changes = new SerialQueue(changesWaitingMax);

  constructor(supervisor: TokenSupervisor, changeMsMax: number) {
    this.#supervisor = supervisor;
    this.#changeMsMax = changeMsMax;
  }

  /** Synchronous from take to answer, so that no other work of this thread gets in between. */
  read<T>(work: (connection: TokenConnection) => T): T {
    const connection = this.#supervisor.connection();
    try {
      return work(connection);
    } catch (error) {
      if (asFault(error)?.action !== 'retry') throw this.#answer(connection, error);
    }
    try {
      return work(connection);
    } catch (error) {
      throw this.#answer(connection, error);
    }
  }

  /** One at a time; repeated once, where the module did nothing and nothing of the token had changed. */
  change<T>(work: (connection: TokenConnection) => Promise<T>): Promise<T> {
    return this.#changes.run(async () => {
      const connection = this.#supervisor.connection();
      try {
        return await this.#inTime(connection, work);
      } catch (error) {
        const fault = asFault(error);
        if (fault?.action !== 'retry' || fault.inChange) throw this.#answer(connection, error);
      }
      try {
        return await this.#inTime(connection, work);
      } catch (error) {
        throw this.#answer(connection, error);
      }
    });
  }

  async #inTime<T>(
    connection: TokenConnection,
    work: (connection: TokenConnection) => Promise<T>,
  ): Promise<T> {
    const overdue = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      // The call may never return; nothing else is asked of this connection.
      this.#supervisor.fail(connection, tokenLost());
      overdue.reject(new StrongroomError('outcome-unknown', { detail: 'the HSM did not answer in time' }));
    }, this.#changeMsMax);
    try {
      return await Promise.race([work(connection), overdue.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #answer(connection: TokenConnection, error: unknown): unknown {
    const fault = asFault(error);
    return fault === undefined ? error : this.#supervisor.judge(connection, fault);
  }
}
