import type { Proposal as ProposalMessage } from '@strongroom/contracts';
import { missingVotes, type Proposal } from '../domain/proposal.ts';

/** The proposal as the wire shows it: without the sealed operation. */
export function presentProposal(proposal: Proposal): ProposalMessage {
  return {
    id: proposal.id,
    state: proposal.state,
    intent: proposal.request.intent,
    opHash: proposal.opHash,
    votes: [...proposal.votes],
    missing: missingVotes(proposal),
    createdAt: proposal.createdAt,
    ...(proposal.decidedAt === undefined ? {} : { decidedAt: proposal.decidedAt }),
    ...(proposal.failure === undefined ? {} : { failure: proposal.failure }),
  };
}
