/**
 * Mutations between their intent entry and their outcome entry. A row is found again after a crash, so it must say
 * nothing that no worker wrote. One that was deleted is not noticed here: the log has its entry, without an outcome.
 */
import { digestBytes, encodeBytes } from '@strongroom/canonical';
import { digestDomain } from '@strongroom/contracts';
import { withDatabase } from '@strongroom/database';
import { StrongroomError } from '@strongroom/errors';
import type { Kysely, Selectable } from 'kysely';
import type { RegistrySeal } from '../../domain/registry/registry-seal.ts';
import type { OpenIntent } from '../../ports/registry.ts';
import type { TamperReport } from './registry-alert.ts';
import type { RegistryTables } from './registry-tables.ts';

export interface IntentStoreOptions {
  readonly database: Kysely<RegistryTables>;
  readonly seal: RegistrySeal;
  readonly report: TamperReport;
}

export class IntentStore {
  readonly #options: IntentStoreOptions;

  constructor(options: IntentStoreOptions) {
    this.#options = options;
  }

  async open(intent: OpenIntent): Promise<void> {
    const { database, seal } = this.#options;
    const query = database
      .insertInto('intent')
      .values({
        actor: intent.actor,
        request_id: intent.requestId,
        operation: intent.operation,
        request_hash: intent.requestHash,
        worker: intent.worker,
        opened_at: intent.openedAt,
        body: intent.body,
        mac: seal.mac(digestDomain.intentMac, macFields(intent)),
      })
      .onConflict((conflict) => conflict.columns(['actor', 'request_id']).doNothing());
    const { numInsertedOrUpdatedRows } = await withDatabase(() => query.executeTakeFirst());
    if (numInsertedOrUpdatedRows !== 1n) throw new StrongroomError('already-exists');
  }

  async close(actor: string, requestId: string): Promise<void> {
    const query = this.#options.database
      .deleteFrom('intent')
      .where('actor', '=', actor)
      .where('request_id', '=', requestId);
    await withDatabase(() => query.execute());
  }

  async list(): Promise<readonly OpenIntent[]> {
    const query = this.#options.database
      .selectFrom('intent')
      .selectAll()
      .orderBy('opened_at')
      .orderBy('request_id');
    const rows = await withDatabase(() => query.execute());
    return rows.map((row) => this.#verified(row)).filter((intent) => intent !== undefined);
  }

  #verified(row: Selectable<RegistryTables['intent']>): OpenIntent | undefined {
    const { seal, report } = this.#options;
    const intent = {
      actor: row.actor,
      requestId: row.request_id,
      operation: row.operation,
      requestHash: row.request_hash,
      worker: row.worker,
      openedAt: row.opened_at,
      body: row.body,
    };
    const subject = `intent/${row.actor}/${row.request_id}`;
    if (!seal.verify(row.mac, digestDomain.intentMac, macFields(intent))) {
      report.tampered(subject);
      return undefined;
    }
    report.whole(subject);
    return intent;
  }
}

function macFields({ body, ...fields }: OpenIntent) {
  return { ...fields, bodyHash: encodeBytes(digestBytes(digestDomain.registryValue, body)) };
}
