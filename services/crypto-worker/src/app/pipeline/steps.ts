/** The steps of `handleOperation`, each from its own file. */
import type { PipelineSteps } from '../handle-operation.ts';
import { type AuthoriseParts, makeAuthorise } from './authorise.ts';
import { deedOf } from './deed.ts';
import { type EffectParts, makeEffect } from './effect.ts';
import { type IntentParts, makeWriteIntent } from './intent.ts';
import { makeOpen, type OpenParts } from './open.ts';
import { makeConclude, type OutcomeParts } from './outcome.ts';
import { type AskQuorumParts, makeAskQuorum } from './propose.ts';
import { makeProve, type ProveParts } from './prove.ts';
import { makeQuorum, type QuorumParts } from './quorum.ts';
import { makeRecall, type RecallParts } from './recall.ts';
import { makeReceipt, type ReceiptParts } from './receipt.ts';
import { makeRefuse, type RefuseParts } from './refuse.ts';
import { makeSeal } from './seal.ts';

export interface PipelineParts
  extends OpenParts,
    ProveParts,
    Omit<AuthoriseParts, 'registry'>,
    RecallParts,
    Omit<QuorumParts, 'registry' | 'askQuorum'>,
    AskQuorumParts,
    IntentParts,
    EffectParts,
    OutcomeParts,
    RefuseParts,
    ReceiptParts {
  readonly registry: OpenParts['registry'] &
    ProveParts['registry'] &
    RecallParts['registry'] &
    IntentParts['registry'];
  readonly approved: OpenParts['approved'] & AskQuorumParts['approved'];
}

export function makePipelineSteps(parts: PipelineParts): PipelineSteps {
  const { publish, commitments } = parts;
  const open = makeOpen(parts);
  const writeIntent = makeWriteIntent(parts);
  const conclude = makeConclude(parts);
  return {
    open: async (arrival) => {
      const request = await open(arrival);
      publish('opened', request.requestId, request.operation);
      return request;
    },
    prove: makeProve(parts),
    authorise: makeAuthorise(parts),
    recall: makeRecall(parts),
    quorum: makeQuorum({ ...parts, askQuorum: makeAskQuorum(parts) }),
    intent: async (permit, { approvedBy }) =>
      permit.row.mutates ? writeIntent(deedOf(permit, commitments), approvedBy) : undefined,
    effect: makeEffect(parts),
    outcome: (permit, { approvedBy }, intent, effect) =>
      conclude(deedOf(permit, commitments), approvedBy, intent, effect),
    refuse: makeRefuse(parts),
    receipt: makeReceipt(parts),
    seal: makeSeal(parts),
  };
}
