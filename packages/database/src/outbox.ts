/**
 * Events leave through an outbox: the state change and the row of its event commit together, a publisher brings the row
 * to the bus and then deletes it. A crash between the two publishes twice with the same event id, which the stream
 * drops. So an event is never told without its change, and never lost.
 */
import { canonicalText } from '@strongroom/canonical';
import { checkers, type DomainEvent } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Generated, Kysely, Transaction } from 'kysely';
import type { Migration } from './migrate.ts';

export interface OutboxTable {
  sequence: Generated<number>;
  /** Canonical JSON. */
  event: string;
}

export interface OutboxSchema {
  outbox: OutboxTable;
}

/** Belongs into the migrations of every schema with events. */
export const outboxMigration: Migration = {
  name: '0000-outbox',
  up: 'CREATE TABLE outbox (sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event text NOT NULL)',
};

export async function addToOutbox<Schema extends OutboxSchema>(
  transaction: Transaction<Schema>,
  events: readonly DomainEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event) => ({ event: canonicalText({ ...event }) }));
  await (transaction as unknown as Transaction<OutboxSchema>).insertInto('outbox').values(rows).execute();
}

export interface OutboxPublisherOptions {
  /** Resolves when the stream has the event; the id makes a repetition harmless. */
  readonly publish: (event: DomainEvent) => Promise<void>;
  readonly reportFault: (fault: unknown) => void;
  readonly pollMs?: number;
}

const pollMsDefault = 500;
const eventsPerRound = 100;

/** Publishes in the order of the sequence. Several publishers on one outbox only repeat each other. */
export class OutboxPublisher<Schema extends OutboxSchema> {
  readonly #database: Kysely<OutboxSchema>;
  readonly #options: OutboxPublisherOptions;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;

  constructor(database: Kysely<Schema>, options: OutboxPublisherOptions) {
    this.#database = database as unknown as Kysely<OutboxSchema>;
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), this.#options.pollMs ?? pollMsDefault);
    this.wake();
  }

  /** Looks now instead of at the next poll. */
  wake(): void {
    if (this.#timer === undefined) return;
    this.#round ??= this.publishRound()
      .then(() => undefined, this.#options.reportFault)
      .finally(() => {
        this.#round = undefined;
      });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#round;
  }

  /** Publishes what is waiting, up to a bound; returns how many went out. */
  async publishRound(): Promise<number> {
    const rows = await this.#database
      .selectFrom('outbox')
      .select(['sequence', 'event'])
      .orderBy('sequence')
      .limit(eventsPerRound)
      .execute();
    for (const { sequence, event } of rows) {
      await this.#options.publish(readEvent(event));
      await this.#database.deleteFrom('outbox').where('sequence', '=', sequence).execute();
    }
    return rows.length;
  }
}

function readEvent(text: string): DomainEvent {
  const event: unknown = JSON.parse(text);
  if (!checkers.domainEvent.check(event)) throw new StrongroomError('record-tampered', { detail: 'outbox' });
  return event;
}
