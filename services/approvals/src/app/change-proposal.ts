/**
 * Read, decide, compare-and-set: the one way in which a stored proposal changes. A lost race is decided anew on what is
 * stored by then.
 */
import type { EventName } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Proposal, Transition } from '../domain/proposal.ts';
import type { ProposalStore } from '../ports/proposal-store.ts';

/** More writers than this on one proposal at the same moment are a fault, not a crowd. */
const attemptsMax = 10;

export async function changeProposal(
  store: ProposalStore,
  id: string,
  decide: (proposal: Proposal) => Transition,
  eventOf: (next: Proposal) => EventName,
): Promise<Proposal> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const stored = await store.find(id);
    if (stored === undefined) throw new StrongroomError('absent', { detail: 'proposal' });
    const transition = decide(stored.proposal);
    if (transition.kind === 'refused') throw new StrongroomError(transition.code);
    if (transition.kind === 'unchanged') return transition.proposal;
    if (await store.replace(transition.proposal, stored.revision, eventOf(transition.proposal))) {
      return transition.proposal;
    }
  }
  throw new StrongroomError('version-conflict', { detail: 'proposal' });
}
