/**
 * Moves one decided or overdue proposal along: expires it, or hands it to a worker and keeps the outcome. Safe to call
 * any number of times, by any number of processes, at any point after a crash: the states are changed by
 * compare-and-set and the worker answers a second execution with the outcome of the first.
 */

import type { ExecuteReply } from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import {
  expire,
  finishExecution,
  type Proposal,
  postponeExecution,
  startExecution,
  type Transition,
} from '../domain/proposal.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executor } from '../ports/executor.ts';
import type { ProposalStore } from '../ports/proposal-store.ts';
import { changeProposal } from './change-proposal.ts';

type Execution =
  | { readonly kind: 'answered'; readonly reply: ExecuteReply }
  | { readonly kind: 'not-started' }
  | { readonly kind: 'unknown' };

const decided = () => 'proposal.quorum.decided' as const;

export function makeAdvanceProposal({
  store,
  executor,
  clock,
}: {
  store: ProposalStore;
  executor: Executor;
  clock: Clock;
}) {
  return async (id: string): Promise<void> => {
    const current = await changeProposal(store, id, (proposal) => next(proposal, clock.now()), decided);
    if (current.state !== 'executing') return;
    const execution = await execute(executor, current);
    // Unknown: the proposal stays `executing` and is asked about again.
    if (execution.kind === 'unknown') return;
    await changeProposal(store, id, (proposal) => finish(proposal, execution), decided);
  };
}

function next(proposal: Proposal, now: string): Transition {
  const overdue = expire(proposal, now);
  if (overdue.kind !== 'unchanged' || proposal.state === 'pending') return overdue;
  return proposal.state === 'approved' || proposal.state === 'executing'
    ? startExecution(proposal, now)
    : overdue;
}

function finish(proposal: Proposal, execution: Execution): Transition {
  // Another process was faster; what it wrote stands.
  if (proposal.state !== 'executing') return { kind: 'unchanged', proposal };
  if (execution.kind !== 'answered') return postponeExecution(proposal);
  return finishExecution(proposal, execution.reply.status === 'refused' ? execution.reply.code : undefined);
}

async function execute(executor: Executor, proposal: Proposal): Promise<Execution> {
  const { intent, intentMac, operation } = proposal.request;
  const certificate = { intent, intentMac, operation, votes: [...proposal.votes] };
  try {
    return { kind: 'answered', reply: await executor.execute(proposal.id, certificate) };
  } catch (fault) {
    if (!isStrongroomError(fault)) throw fault;
    if (fault.descriptor.outcome === 'unknown') return { kind: 'unknown' };
    if (fault.descriptor.retry === 'after-delay') return { kind: 'not-started' };
    return { kind: 'answered', reply: { status: 'refused', code: fault.code } };
  }
}
