/**
 * How this service talks to PostgreSQL. Every query has a bound on the side of the client too, because a server that
 * hangs closes no connection; a connection that failed in any way is thrown away, so that nothing late comes over it.
 */
import { isUnavailable } from '@strongroom/database';
import { StrongroomError } from '@strongroom/errors';
import type pg from 'pg';

export interface Statement {
  /** A statement with a name is planned once for each connection. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

export interface QueryFault {
  readonly fault: unknown;
  /** The statement was handed to the server. */
  readonly wasSent: boolean;
}

export class Connection {
  readonly #pool: pg.Pool;
  readonly #queryMsMax: number;

  constructor(pool: pg.Pool, queryMsMax: number) {
    this.#pool = pool;
    this.#queryMsMax = queryMsMax;
  }

  /** Throws `database-unavailable` where the database cannot be used now, and what the driver throws otherwise. */
  async rows<Row extends object>(statement: Statement): Promise<readonly Row[]> {
    return this.attempt<Row>(statement, ({ fault }) => {
      throw isUnavailable(fault) ? unavailable(fault) : fault;
    });
  }

  /** `fail` decides what a fault means; it throws. */
  async attempt<Row extends object>(
    { name, text, values = [] }: Statement,
    fail: (fault: QueryFault) => never,
  ): Promise<readonly Row[]> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (fault) {
      return fail({ fault, wasSent: false });
    }
    try {
      const query = {
        text,
        values: [...values],
        query_timeout: this.#queryMsMax,
        ...(name === undefined ? {} : { name }),
      };
      const { rows } = await client.query<Row>(query);
      client.release();
      return rows;
    } catch (fault) {
      client.release(true);
      return fail({ fault, wasSent: true });
    }
  }
}

const retryAfterMs = 1_000;

export function unavailable(cause: unknown): StrongroomError {
  const { code } = cause as { code?: unknown };
  const state = typeof code === 'string' ? code : 'no answer';
  return new StrongroomError('database-unavailable', { cause, retryAfterMs, detail: `PostgreSQL: ${state}` });
}
