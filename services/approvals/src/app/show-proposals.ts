import type { Proposal, ProposalListReply, ProposalListRequest } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { ProposalStore } from '../ports/proposal-store.ts';
import { presentProposal } from './present-proposal.ts';

export function makeShowProposal({ store }: { store: ProposalStore }) {
  return async (id: string): Promise<Proposal> => {
    const stored = await store.find(id);
    if (stored === undefined) throw new StrongroomError('absent', { detail: 'proposal' });
    return presentProposal(stored.proposal);
  };
}

export function makeListProposals({ store }: { store: ProposalStore }) {
  return async (request: ProposalListRequest): Promise<ProposalListReply> => {
    // One more than asked for tells whether there is a next page.
    const stored = await store.list({ ...request, limit: request.limit + 1 });
    const proposals = stored.slice(0, request.limit).map(({ proposal }) => presentProposal(proposal));
    const last = proposals.at(-1);
    return stored.length > request.limit && last !== undefined ? { proposals, next: last.id } : { proposals };
  };
}
