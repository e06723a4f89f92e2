/** What mutations answered, for 24 h: the same request id gets the same answer. */
import { withDatabase } from '@strongroom/database';
import { StrongroomError } from '@strongroom/errors';
import type { Kysely } from 'kysely';
import type { StoredOutcome } from '../../ports/registry.ts';
import type { OutcomeBox } from './outcome-box.ts';
import type { TamperReport } from './registry-alert.ts';
import type { RegistryClock } from './registry-clock.ts';
import type { RegistryTables } from './registry-tables.ts';

const lifetimeMs = 24 * 3_600_000;
/** Rows of one delete: short locks, whatever piled up. */
const purgeRowsMax = 500;

export interface OutcomeStoreOptions {
  readonly database: Kysely<RegistryTables>;
  readonly box: OutcomeBox;
  readonly clock: RegistryClock;
  readonly report: TamperReport;
}

export class OutcomeStore {
  readonly #options: OutcomeStoreOptions;

  constructor(options: OutcomeStoreOptions) {
    this.#options = options;
  }

  /**
   * In the transaction of their commits; no two of one request. Throws `request-replayed` where one of them is there already
   * and has not expired.
   */
  async add(transaction: Kysely<RegistryTables>, outcomes: readonly StoredOutcome[]): Promise<void> {
    const now = this.#options.clock.nowMs();
    const expiresAt = new Date(now + lifetimeMs);
    const rows = outcomes.map((outcome) => ({
      actor: outcome.actor,
      request_id: outcome.requestId,
      request_hash: outcome.requestHash,
      expires_at: expiresAt,
      sealed_reply: this.#options.box.close(outcome, expiresAt.toISOString()).sealedReply,
    }));
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('outcome')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .columns(['actor', 'request_id'])
          .doUpdateSet(({ ref }) => ({
            request_hash: ref('excluded.request_hash'),
            expires_at: ref('excluded.expires_at'),
            sealed_reply: ref('excluded.sealed_reply'),
          }))
          .where('outcome.expires_at', '<=', new Date(now)),
      )
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== BigInt(rows.length)) throw new StrongroomError('request-replayed');
  }

  async find(actor: string, requestId: string): Promise<StoredOutcome | undefined> {
    const { database, box, clock, report } = this.#options;
    const query = database
      .selectFrom('outcome')
      .select(['request_hash', 'expires_at', 'sealed_reply'])
      .where('actor', '=', actor)
      .where('request_id', '=', requestId);
    const row = await withDatabase(() => query.executeTakeFirst());
    if (row === undefined) return undefined;
    const outcome = box.open({
      actor,
      requestId,
      requestHash: row.request_hash,
      expiresAt: row.expires_at.toISOString(),
      sealedReply: row.sealed_reply,
    });
    const subject = `outcome/${actor}/${requestId}`;
    if (outcome === undefined) {
      report.tampered(subject);
      throw new StrongroomError('record-tampered', { detail: subject });
    }
    report.whole(subject);
    return row.expires_at.getTime() > clock.nowMs() ? outcome : undefined;
  }

  /** Deletes what has expired, a batch at a time. Answers how many. */
  async purge(): Promise<number> {
    let purged = 0;
    for (;;) {
      const batch = await this.#purgeBatch();
      purged += batch;
      if (batch < purgeRowsMax) return purged;
    }
  }

  async #purgeBatch(): Promise<number> {
    const { database, clock } = this.#options;
    const expired = database
      .selectFrom('outcome')
      .select(['actor', 'request_id'])
      .where('expires_at', '<=', new Date(clock.nowMs()))
      .orderBy('expires_at')
      .limit(purgeRowsMax)
      // Another worker purges too: each takes what the other has not.
      .forUpdate()
      .skipLocked();
    const query = database
      .deleteFrom('outcome')
      .where((row) =>
        row(row.refTuple('actor', 'request_id'), 'in', expired.$asTuple('actor', 'request_id')),
      );
    const { numDeletedRows } = await withDatabase(() => query.executeTakeFirst());
    return Number(numDeletedRows);
  }
}
