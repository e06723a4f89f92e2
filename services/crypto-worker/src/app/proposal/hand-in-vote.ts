import { decodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { verifyVote } from '@strongroom/sealed';
import type { Approvals } from '../../ports/approvals.ts';
import type { Governance } from '../../ports/governance.ts';
import type { Call, CarryOut } from '../use-case.ts';

/**
 * A vote is its approver's own: handed in by nobody else, and signed with the key that the governance root names. It is
 * verified again, with all others, before the operation runs.
 */
export function makePermitVote({ governance }: { readonly governance: Governance }) {
  return async ({ params: { vote }, caller }: Call<'proposal.vote'>): Promise<void> => {
    if (vote.approver !== caller.principal)
      throw new StrongroomError('denied', { detail: 'the vote of another' });
    const { approvers } = await governance.root();
    const holder = approvers.find(({ principal }) => principal === vote.approver);
    if (holder === undefined) throw new StrongroomError('denied', { detail: 'not an approver' });
    if (!verifyVote(decodeBytes(holder.publicKey), vote))
      throw new StrongroomError('approval-invalid', { detail: 'the signature of the vote does not verify' });
  };
}

export function makeHandInVote({ approvals }: { readonly approvals: Approvals }): CarryOut<'proposal.vote'> {
  return async ({ params }) => ({ result: await approvals.vote(params) });
}
