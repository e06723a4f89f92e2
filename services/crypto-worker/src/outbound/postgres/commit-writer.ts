/**
 * The one way in which records change. Whoever holds the lock on the head from the decision to the end decides on the state
 * that the one before left, so commits of all workers stand in one row. While one transaction runs, the commits that come
 * gather for the next: locking, planning, writing and flushing cost the same for one as for many.
 *
 * After a crash at any point the database has all of a commit or nothing of it. A worker that lost its connection
 * during COMMIT learns at its next look at the head which of the two it was; what it knew before is not changed.
 */
import type { DomainEvent } from '@strongroom/contracts';
import { addToOutbox, withDatabase } from '@strongroom/database';
import { type ErrorCode, isStrongroomError, StrongroomError } from '@strongroom/errors';
import { AbortedTransactionError, type ControlledTransaction, type Kysely, type Transaction } from 'kysely';
import { type CommitPlan, planCommits, type Refusal } from '../../domain/registry/commit-plan.ts';
import type { RecordChange, StoredOutcome } from '../../ports/registry.ts';
import { writePlan } from './commit-rows.ts';
import type { OutcomeStore } from './outcome-store.ts';
import type { RecordReader } from './record-reader.ts';
import type { TamperReport } from './registry-alert.ts';
import type { RegistryClock } from './registry-clock.ts';
import type { RegistryTables } from './registry-tables.ts';
import type { RegistryView } from './registry-view.ts';
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

interface Waiting {
  readonly commit: Commit;
  readonly resolve: () => void;
  readonly reject: (fault: unknown) => void;
}

/** Commits of one transaction: as many as fit into a few milliseconds of planning and writing. */
const groupMax = 64;
/** What befalls all commits of a transaction alike. Anything else may be the fault of one of them. */
const shared: ReadonlySet<ErrorCode> = new Set([
  'database-unavailable',
  'outcome-unknown',
  'registry-rolled-back',
  'state-stale',
]);

export class CommitWriter {
  readonly #options: CommitWriterOptions;
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(options: CommitWriterOptions) {
    this.#options = options;
  }

  commit(commit: Commit): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ commit, resolve, reject });
      if (!this.#isWriting) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) await this.#settle(this.#take());
    this.#isWriting = false;
  }

  /** The first that wait; of one request only the first, because the second must find what it left. */
  #take(): readonly Waiting[] {
    const requests = new Set<string>();
    const group: Waiting[] = [];
    const rest: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const { actor, requestId } = waiting.commit.outcome;
      const request = `${actor} ${requestId}`;
      const fits = group.length < groupMax && !requests.has(request);
      (fits ? group : rest).push(waiting);
      requests.add(request);
    }
    this.#waiting = rest;
    return group;
  }

  /** Never throws. */
  async #settle(group: readonly Waiting[]): Promise<void> {
    try {
      const refusals = await this.#commit(group.map(({ commit }) => commit));
      for (const [at, { resolve, reject }] of group.entries()) {
        const refusal = refusals[at];
        if (refusal === undefined) resolve();
        else reject(this.#faultOf(refusal));
      }
    } catch (fault) {
      const isShared = isStrongroomError(fault) && shared.has(fault.code);
      if (isShared || group.length === 1) for (const { reject } of group) reject(fault);
      // Nothing of the transaction happened, so each may try alone: only the one at fault fails again.
      else for (const each of group) await this.#settle([each]);
    }
  }

  /** Why each was refused; `undefined` for those that are durable. */
  async #commit(commits: readonly Commit[]): Promise<readonly (Refusal | undefined)[]> {
    const { database, view } = this.#options;
    view.assertUsable('write');
    const begin = database.startTransaction().setIsolationLevel('read committed');
    const transaction = await withDatabase(() => begin.execute());
    const { plan, refusals } = await withDatabase(() => this.#write(transaction, commits)).catch(
      async (error) => {
        await abandon(transaction);
        throw error;
      },
    );
    if (plan === undefined) await abandon(transaction);
    else {
      await finish(transaction);
      view.dictionary.adopt(plan.change);
      this.#options.reader.remember(plan.rows);
    }
    return refusals;
  }

  async #write(
    transaction: Transaction<RegistryTables>,
    commits: readonly Commit[],
  ): Promise<{
    readonly plan: CommitPlan | undefined;
    readonly refusals: readonly (Refusal | undefined)[];
  }> {
    await this.#catchUp(transaction);
    const planned = planCommits(
      this.#options.view.dictionary,
      commits.map(({ changes }) => changes),
    );
    if (planned.plan === undefined) return planned;
    const taken = commits.filter((_, at) => planned.refusals[at] === undefined);
    await writePlan(transaction, planned.plan);
    await this.#options.outcomes.add(
      transaction,
      taken.map(({ outcome }) => outcome),
    );
    await addToOutbox(
      transaction,
      taken.flatMap(({ events }) => events),
    );
    return planned;
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

  #faultOf({ status, name }: Refusal): StrongroomError {
    if (status === 'conflict') return new StrongroomError('version-conflict', { detail: name });
    this.#options.report.tampered(`record/${name}`);
    return new StrongroomError('record-tampered', { detail: name });
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
