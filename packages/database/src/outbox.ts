/**
 * Events leave through an outbox: the state change and the row of its event commit together, a publisher brings the row
 * to the bus and then deletes it. A crash between the two publishes twice with the same event id, which the stream
 * drops. So an event is never told without its change, and never lost.
 *
 * The publisher is woken by its own process and looks by itself every half second. It does not use NOTIFY, which takes
 * one lock for the whole server at every commit.
 */
import { CanonicalError, canonicalText, parseCanonical } from '@strongroom/canonical';
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
/** After a failure the wait doubles up to this. */
const pauseMsMax = 10_000;
const eventsPerRound = 100;

/** Publishes in the order of the sequence. Several publishers on one outbox only repeat each other. */
export class OutboxPublisher<Schema extends OutboxSchema> {
  readonly #database: Kysely<OutboxSchema>;
  readonly #options: OutboxPublisherOptions;
  readonly #pollMs: number;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #isRunning = false;
  #pauseMs = 0;

  constructor(database: Kysely<Schema>, options: OutboxPublisherOptions) {
    this.#database = database as unknown as Kysely<OutboxSchema>;
    this.#options = options;
    this.#pollMs = options.pollMs ?? pollMsDefault;
  }

  start(): void {
    this.#isRunning = true;
    this.wake();
  }

  /** Looks now instead of at the next poll; but a pause after a failure is kept. */
  wake(): void {
    if (!this.#isRunning || this.#round !== undefined || this.#pauseMs > 0) return;
    clearTimeout(this.#timer);
    this.#round = this.#run();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** Publishes what is waiting, up to a bound; returns how many rows are gone from the outbox. */
  async publishRound(): Promise<number> {
    const rows = await this.#database
      .selectFrom('outbox')
      .select(['sequence', 'event'])
      .orderBy('sequence')
      .limit(eventsPerRound)
      .execute();
    const done: number[] = [];
    try {
      for (const { sequence, event } of rows) {
        await this.#publish(sequence, event);
        done.push(sequence);
      }
    } finally {
      if (done.length > 0) {
        await this.#database.deleteFrom('outbox').where('sequence', 'in', done).execute();
      }
    }
    return done.length;
  }

  async #run(): Promise<void> {
    try {
      while (this.#isRunning && (await this.publishRound()) === eventsPerRound);
      this.#pauseMs = 0;
    } catch (fault) {
      this.#options.reportFault(fault);
      this.#pauseMs = Math.min(pauseMsMax, Math.max(this.#pollMs, this.#pauseMs * 2));
    }
    this.#round = undefined;
    if (this.#isRunning) this.#timer = setTimeout(() => this.#next(), Math.max(this.#pollMs, this.#pauseMs));
  }

  #next(): void {
    this.#round = this.#run();
  }

  /** A row that is no event is reported and goes: it would hold up all behind it for ever. */
  async #publish(sequence: number, text: string): Promise<void> {
    const event = readEvent(text);
    if (event !== undefined) return this.#options.publish(event);
    this.#options.reportFault(new StrongroomError('record-tampered', { detail: `outbox row ${sequence}` }));
  }
}

function readEvent(text: string): DomainEvent | undefined {
  try {
    const event: unknown = parseCanonical(Buffer.from(text));
    return checkers.domainEvent.check(event) ? event : undefined;
  } catch (fault) {
    if (fault instanceof CanonicalError) return undefined;
    throw fault;
  }
}
