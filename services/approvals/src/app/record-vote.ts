import type { Proposal, VoteRequest } from '@strongroom/contracts';
import { recordVote } from '../domain/proposal.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProposalStore } from '../ports/proposal-store.ts';
import { changeProposal } from './change-proposal.ts';
import { presentProposal } from './present-proposal.ts';

export function makeRecordVote({ store, clock }: { store: ProposalStore; clock: Clock }) {
  return async (request: VoteRequest): Promise<Proposal> => {
    const now = clock.now();
    const proposal = await changeProposal(
      store,
      request.proposal,
      (current) => recordVote(current, request.vote, now),
      (next) => (next.state === 'pending' ? 'proposal.vote.recorded' : 'proposal.quorum.decided'),
    );
    return presentProposal(proposal);
  };
}
