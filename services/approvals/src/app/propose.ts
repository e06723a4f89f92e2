import type { Proposal, ProposeRequest } from '@strongroom/contracts';
import { openProposal } from '../domain/proposal.ts';
import { readIntent } from '../domain/read-intent.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProposalStore } from '../ports/proposal-store.ts';
import { presentProposal } from './present-proposal.ts';

/** Keeps a new proposal. Idempotent by id. */
export function makePropose({ store, clock }: { store: ProposalStore; clock: Clock }) {
  return async (request: ProposeRequest): Promise<Proposal> => {
    const { intent, opHash } = readIntent(request.intent);
    const stored = await store.add(openProposal(request, intent, opHash, clock.now()));
    return presentProposal(stored.proposal);
  };
}
