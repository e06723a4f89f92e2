import type { Approvals } from '../../ports/approvals.ts';
import type { CarryOut } from '../use-case.ts';

interface Ports {
  readonly approvals: Approvals;
}

/** Whoever shows it to a person hashes the intent again: nothing vouches for what the approvals service says beside it. */
export function makeShowProposal({ approvals }: Ports): CarryOut<'proposal.show'> {
  return async ({ params }) => ({ result: await approvals.show(params.proposal) });
}

export function makeListProposals({ approvals }: Ports): CarryOut<'proposal.list'> {
  return async ({ params }) => ({ result: await approvals.list(params) });
}
