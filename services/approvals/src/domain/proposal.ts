/**
 * A proposal: one operation that waits for its quorum. A pure state machine; every transition takes the time as an
 * argument and returns the next proposal or the stable code of the refusal.
 *
 *   pending ──quorum──▶ approved ──▶ executing ──▶ executed
 *      │ deny            │              └────────▶ failed
 *      ├──▶ denied       └─ executeWithin over ──▶ expired
 *      └─ pendingUntil over ──▶ expired
 *
 * What is decided here only moves the work along. Whether the operation may run is decided by the crypto worker from
 * the signed votes (I6), so a wrong answer of this service can delay and nothing else.
 */

import type { OperationIntent, ProposalState, ProposeRequest, Vote } from '@strongroom/contracts';
import type { ErrorCode } from '@strongroom/errors';

export interface Proposal {
  readonly id: string;
  readonly state: ProposalState;
  readonly request: ProposeRequest;
  readonly intent: OperationIntent;
  readonly opHash: string;
  /** In the order they came, one for each approver. */
  readonly votes: readonly Vote[];
  readonly createdAt: string;
  readonly decidedAt?: string;
  readonly failure?: string;
}

export type Transition =
  | { readonly kind: 'changed'; readonly proposal: Proposal }
  /** Nothing to do: the same thing was said before. */
  | { readonly kind: 'unchanged'; readonly proposal: Proposal }
  | { readonly kind: 'refused'; readonly code: ErrorCode };

const changed = (proposal: Proposal): Transition => ({ kind: 'changed', proposal });
const refused = (code: ErrorCode): Transition => ({ kind: 'refused', code });

export function openProposal(
  request: ProposeRequest,
  intent: OperationIntent,
  opHash: string,
  now: string,
): Proposal {
  return { id: request.id, state: 'pending', request, intent, opHash, votes: [], createdAt: now };
}

/**
 * Approving votes that are still missing; of two quorums, in the one that lacks more. The requester never counts. 0 only where every
 * quorum is filled.
 */
export function missingVotes({ votes, request }: Proposal): number {
  const missing = request.quorums.map(({ approvers, threshold }) => {
    const counts = ({ verdict, approver }: Vote) => verdict === 'approve' && approvers.includes(approver);
    return threshold - votes.filter(counts).length;
  });
  return Math.max(0, ...missing);
}

/** One deny ends the request; the last missing approval decides it. Final states are final. */
export function recordVote(proposal: Proposal, vote: Vote, now: string): Transition {
  const earlier = proposal.votes.find((other) => other.approver === vote.approver);
  if (earlier?.signature === vote.signature) return { kind: 'unchanged', proposal };
  if (proposal.state !== 'pending') return refused('proposal-closed');
  if (isPast(proposal.intent.pendingUntil, now)) return refused('approval-expired');
  if (vote.opHash !== proposal.opHash) return refused('approval-invalid');
  if (vote.approver === proposal.intent.requester) return refused('approver-is-requester');
  if (!proposal.request.quorums.some(({ approvers }) => approvers.includes(vote.approver)))
    return refused('denied');
  if (earlier !== undefined) return refused('already-exists');
  const next: Proposal = { ...proposal, votes: [...proposal.votes, vote] };
  if (vote.verdict === 'deny') return changed({ ...next, state: 'denied', decidedAt: now });
  if (missingVotes(next) === 0) return changed({ ...next, state: 'approved', decidedAt: now });
  return changed(next);
}

/** Closes what waited too long, for votes or for execution. */
export function expire(proposal: Proposal, now: string): Transition {
  if (proposal.state === 'pending' && isPast(proposal.intent.pendingUntil, now)) {
    return changed({ ...proposal, state: 'expired', decidedAt: now });
  }
  if (proposal.state === 'approved' && isPast(executeBefore(proposal), now)) {
    return changed({ ...proposal, state: 'expired' });
  }
  return { kind: 'unchanged', proposal };
}

export function startExecution(proposal: Proposal, now: string): Transition {
  // `executing` again: the service stopped before it heard the outcome. The worker is idempotent by request id.
  if (proposal.state === 'executing') return { kind: 'unchanged', proposal };
  if (proposal.state !== 'approved') return refused('proposal-closed');
  if (isPast(executeBefore(proposal), now)) return refused('approval-expired');
  return changed({ ...proposal, state: 'executing' });
}

export function finishExecution(proposal: Proposal, failure: string | undefined): Transition {
  if (proposal.state !== 'executing') return refused('proposal-closed');
  return changed(
    failure === undefined ? { ...proposal, state: 'executed' } : { ...proposal, state: 'failed', failure },
  );
}

/** The worker could not be reached: nothing was done, the proposal waits on. */
export function postponeExecution(proposal: Proposal): Transition {
  if (proposal.state !== 'executing') return refused('proposal-closed');
  return changed({ ...proposal, state: 'approved' });
}

function executeBefore(proposal: Proposal): string {
  const decided = Date.parse(proposal.decidedAt ?? proposal.createdAt);
  return new Date(decided + proposal.intent.executeWithinSeconds * 1_000).toISOString();
}

// RFC 3339 UTC with a fixed number of digits compares as text.
const isPast = (limit: string, now: string): boolean => limit < now;
