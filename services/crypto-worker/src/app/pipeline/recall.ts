/**
 * Between the steps 3 and 4. A mutation is carried out once for its request id; who sends it again gets the first answer.
 * The answer leaves once more, so the log gets an entry of its own for that.
 */
import { newRequestId } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Registry } from '../../ports/registry.ts';
import type { Commitments } from '../commitments.ts';
import type { MakeEntryBody } from '../entry-bodies.ts';
import type { Outcome, Permit } from './passage.ts';
import { decodeStoredReply } from './stored-reply.ts';

export interface RecallParts {
  readonly registry: Pick<Registry, 'findOutcome'>;
  readonly makeBody: MakeEntryBody;
  readonly commitments: Commitments;
}

export function makeRecall({ registry, makeBody, commitments }: RecallParts) {
  return async ({ request, row, caller }: Permit): Promise<Outcome | undefined> => {
    if (!row.mutates) return undefined;
    const { requestId, params, requestHash } = request;
    const stored = await registry.findOutcome(caller.principal, requestId);
    if (stored === undefined) return undefined;
    // The same id for something else: neither carried out nor answered with what was asked for before.
    if (stored.requestHash !== commitments.repetition(row.name, params))
      throw new StrongroomError('request-replayed');
    const { reply, body } = decodeStoredReply(stored);
    return {
      reply,
      body: makeBody({
        requestId: newRequestId(),
        operation: row.name,
        requestHash,
        actor: caller.actor,
        commitmentSalt: caller.commitmentSalt,
        phase: 'outcome',
        outcome: body.outcome,
        code: reply.status === 'refused' ? reply.error.code : undefined,
        request: { row, params },
        objects: body.objects,
        remarks: { repeats: requestId },
      }),
    };
  };
}
