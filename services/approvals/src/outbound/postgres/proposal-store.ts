import { canonicalText } from '@strongroom/canonical';
import {
  type DomainEvent,
  type EventName,
  newRequestId,
  type ProposalState,
  type ProposeRequest,
  type Vote,
} from '@strongroom/contracts';
import { addToOutbox, withDatabase } from '@strongroom/database';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Proposal } from '../../domain/proposal.ts';
import { readIntent } from '../../domain/read-intent.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ProposalStore, StoredProposal } from '../../ports/proposal-store.ts';
import type { ApprovalsSchema, ProposalTable } from './schema.ts';

export function makeProposalStore(database: Kysely<ApprovalsSchema>, clock: Clock): ProposalStore {
  const announce = async (transaction: Transaction<ApprovalsSchema>, proposal: Proposal, name: EventName) => {
    const at = clock.now();
    const event: DomainEvent = {
      id: newRequestId(),
      name,
      at,
      requestId: proposal.id,
      object: `proposal/${proposal.id}`,
    };
    await addToOutbox(transaction, [event]);
    // Single votes are news for consoles; people hear of the question and of its answer.
    if (name === 'proposal.vote.recorded') return;
    await transaction
      .insertInto('notification')
      .values({
        id: event.id,
        proposal: proposal.id,
        event: name,
        attempt: 0,
        next_attempt_at: at,
        state: 'waiting',
      })
      .execute();
  };

  const find = async (id: string): Promise<StoredProposal | undefined> => {
    const row = await database.selectFrom('proposal').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : fromRow(row);
  };

  return {
    add: (proposal) =>
      withDatabase(async () => {
        await database.transaction().execute(async (transaction) => {
          const inserted = await transaction
            .insertInto('proposal')
            .values(toRow(proposal, 1))
            .onConflict((conflict) => conflict.column('id').doNothing())
            .executeTakeFirst();
          if (inserted.numInsertedOrUpdatedRows === 1n)
            await announce(transaction, proposal, 'proposal.quorum.opened');
        });
        return (await find(proposal.id)) as StoredProposal;
      }),

    find: (id) => withDatabase(() => find(id)),

    list: ({ state, after, limit }) =>
      withDatabase(async () => {
        // Request ids are UUIDv7: their order is the order of time.
        let query = database.selectFrom('proposal').selectAll().orderBy('id', 'desc').limit(limit);
        if (state !== undefined) query = query.where('state', '=', state);
        if (after !== undefined) query = query.where('id', '<', after);
        return (await query.execute()).map(fromRow);
      }),

    replace: (next, revision, event) =>
      withDatabase(() =>
        database.transaction().execute(async (transaction) => {
          const updated = await transaction
            .updateTable('proposal')
            .set(toRow(next, revision + 1))
            .where('id', '=', next.id)
            .where('revision', '=', revision)
            .executeTakeFirst();
          if (updated.numUpdatedRows !== 1n) return false;
          await announce(transaction, next, event);
          return true;
        }),
      ),

    findDue: (now, limit) =>
      withDatabase(async () => {
        const rows = await database
          .selectFrom('proposal')
          .select('id')
          .where((where) =>
            where.or([
              where('state', 'in', ['approved', 'executing']),
              where.and([where('state', '=', 'pending'), where('pending_until', '<', now)]),
            ]),
          )
          .orderBy('id')
          .limit(limit)
          .execute();
        return rows.map(({ id }) => id);
      }),
  };
}

function toRow(proposal: Proposal, revision: number): ProposalTable {
  return {
    id: proposal.id,
    revision,
    state: proposal.state,
    op_hash: proposal.opHash,
    request: canonicalText({ ...proposal.request }),
    votes: canonicalText(proposal.votes.map((vote) => ({ ...vote }))),
    created_at: proposal.createdAt,
    decided_at: proposal.decidedAt ?? null,
    pending_until: proposal.intent.pendingUntil,
    failure: proposal.failure ?? null,
  };
}

function fromRow(row: Selectable<ProposalTable>): StoredProposal {
  const request = JSON.parse(row.request) as ProposeRequest;
  const { intent, opHash } = readIntent(request.intent);
  return {
    revision: row.revision,
    proposal: {
      id: row.id,
      state: row.state as ProposalState,
      request,
      intent,
      opHash,
      votes: JSON.parse(row.votes) as Vote[],
      createdAt: row.created_at,
      ...(row.decided_at === null ? {} : { decidedAt: row.decided_at }),
      ...(row.failure === null ? {} : { failure: row.failure }),
    },
  };
}
