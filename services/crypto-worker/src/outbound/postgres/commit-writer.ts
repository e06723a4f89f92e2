/**
 * The one way in which records change. A commit holds the lock on the head from the decision to the end, so commits of
 * all workers stand in one row, each decided on the state that the one before left.
 *
 * After a crash at any point the database has all of a commit or nothing of it. A worker that lost its connection
 * during COMMIT learns at its next look at the head which of the two it was; what it knew before is not changed.
 */
import type { DomainEvent } from '@strongroom/contracts';
import { addToOutbox, withDatabase } from '@strongroom/database';
import { StrongroomError } from '@strongroom/errors';
import { AbortedTransactionError, type ControlledTransaction, type Kysely, type Transaction } from 'kysely';
import { type CommitPlan, planCommit } from '../../domain/registry/commit-plan.ts';
import type { RecordChange, StoredOutcome } from '../../ports/registry.ts';
import { writePlan } from './commit-rows.ts';
import type { OutcomeStore } from './outcome-store.ts';
import type { RecordReader } from './record-reader.ts';
import type { TamperReport } from './registry-alert.ts';
import type { RegistryClock } from './registry-clock.ts';
import type { RegistryTables } from './registry-tables.ts';
import type { RegistryView } from './registry-view.ts';
import { SerialQueue } from './serial-queue.ts';
import { glanceAtHead, readSnapshot } from './snapshot-reader.ts';

export interface Commit {
  readonly changes: readonly RecordChange[];
  readonly outcome: StoredOutcome;
  readonly events: readonly DomainEvent[];
}

export interface CommitWriterOptions {
  readonly database: Kysely<RegistryTables>;
  readonly view: RegistryView;
  readonly reader: RecordReader;
  readonly outcomes: OutcomeStore;
  readonly report: TamperReport;
  readonly clock: RegistryClock;
}

export class CommitWriter {
  readonly #options: CommitWriterOptions;
  /** The lock in the database would order them as well, but each would hold a connection while it waits. */
  readonly #queue = new SerialQueue();

  constructor(options: CommitWriterOptions) {
    this.#options = options;
  }

  commit(commit: Commit): Promise<void> {
    return this.#queue.run(() => this.#commit(commit));
  }

  async #commit(commit: Commit): Promise<void> {
    const { database, view } = this.#options;
    view.assertUsable('write');
    const begin = database.startTransaction().setIsolationLevel('read committed');
    const transaction = await withDatabase(() => begin.execute());
    const plan = await withDatabase(() => this.#write(transaction, commit)).catch(async (error) => {
      await abandon(transaction);
      throw error;
    });
    await finish(transaction);
    view.dictionary.adopt(plan.change);
    this.#options.reader.remember(plan.rows);
  }

  async #write(transaction: Transaction<RegistryTables>, commit: Commit): Promise<CommitPlan> {
    await this.#catchUp(transaction);
    const plan = this.#plan(commit.changes);
    await writePlan(transaction, plan);
    await this.#options.outcomes.add(transaction, commit.outcome);
    await addToOutbox(transaction, commit.events);
    return plan;
  }

  /** With the lock on the head held, nothing changes but by this commit. */
  async #catchUp(transaction: Kysely<RegistryTables>): Promise<void> {
    const { view, clock } = this.#options;
    const askedAtMs = clock.monotonicMs();
    const { dictionary } = view;
    const head = await glanceAtHead(transaction, 'for update');
    if (view.confirm(head, askedAtMs) && !dictionary.hasGaps) return;
    const since = dictionary.head;
    view.take(await readSnapshot(transaction, since, dictionary.gaps()), since, askedAtMs);
  }

  #plan(changes: readonly RecordChange[]): CommitPlan {
    const planned = planCommit(this.#options.view.dictionary, changes);
    switch (planned.status) {
      case 'planned':
        return planned.plan;
      case 'conflict':
        throw new StrongroomError('version-conflict', { detail: planned.name });
      case 'gap':
        this.#options.report.tampered(`record/${planned.name}`);
        throw new StrongroomError('record-tampered', { detail: planned.name });
    }
  }
}

async function finish(transaction: ControlledTransaction<RegistryTables>): Promise<void> {
  try {
    await transaction.commit().execute();
  } catch (error) {
    await abandon(transaction);
    // The server said that it rolled back. Any other failure leaves open what it did.
    if (error instanceof AbortedTransactionError)
      throw new StrongroomError('database-unavailable', { cause: error });
    throw new StrongroomError('outcome-unknown', { cause: error });
  }
}

/** Gives the connection back; where it is broken, the pool drops it and the server rolls back by itself. */
async function abandon(transaction: ControlledTransaction<RegistryTables>): Promise<void> {
  await transaction
    .rollback()
    .execute()
    .catch(() => undefined);
}
