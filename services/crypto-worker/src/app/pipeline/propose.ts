/**
 * An operation that needs a quorum and comes without one: it becomes an intent that approvers can sign, and waits with the
 * approvals service. The same request again is answered from there.
 */
import {
  CanonicalError,
  type CanonicalValue,
  decodeBytes,
  encodeBytes,
  parseCanonical,
} from '@strongroom/canonical';
import {
  checkers,
  type GovernanceRoot,
  type IntentSubject,
  type OperationIntent,
  type Proposal,
  type QuorumPolicy,
} from '@strongroom/contracts';
import { isErrorCode, isStrongroomError, StrongroomError } from '@strongroom/errors';
import { intentFields, makeIntent, type QuorumPolicies } from '../../domain/intent.ts';
import { operationHash } from '../../domain/quorum.ts';
import type { Approvals } from '../../ports/approvals.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Governance } from '../../ports/governance.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Commitments } from '../commitments.ts';
import type { MakeEntryBody } from '../entry-bodies.ts';
import type { ApprovedOperations } from './approved-operations.ts';
import type { Pending, Permit, Reply } from './passage.ts';

type PolicyNames = readonly [string, ...string[]];

export interface Guarded {
  readonly subject: IntentSubject;
  /** The one that guards the object, and where it is to have another one, that. */
  readonly policyNames: PolicyNames;
}

export type AskQuorum = (permit: Permit, guarded: Guarded) => Promise<Pending>;

export interface AskQuorumParts {
  readonly approvals: Approvals;
  readonly governance: Governance;
  readonly approved: Pick<ApprovedOperations, 'close'>;
  readonly commitments: Commitments;
  readonly hsm: Pick<Hsm, 'random'>;
  readonly makeBody: MakeEntryBody;
  readonly clock: Clock;
}

const nonceBytes = 16;

export function makeAskQuorum(parts: AskQuorumParts): AskQuorum {
  return async (permit, guarded) => {
    const { requestId } = permit.request;
    const waiting = await find(parts.approvals, requestId);
    if (waiting !== undefined)
      return { status: 'pending', outcome: { reply: answerAgain(parts, permit, waiting) } };
    const root = await parts.governance.root();
    const policyOf = (name: string) => findPolicy(root, name, permit.caller.principal);
    const [first, ...next] = guarded.policyNames;
    const policies: QuorumPolicies = [policyOf(first), ...next.map(policyOf)];
    const intent = await intentOf(parts, permit, guarded, root, policies);
    return propose(parts, permit, intent, policies);
  };
}

async function find(approvals: Approvals, requestId: string): Promise<Proposal | undefined> {
  try {
    return await approvals.show(requestId);
  } catch (fault) {
    if (isStrongroomError(fault) && fault.code === 'absent') return undefined;
    throw fault;
  }
}

function findPolicy(root: GovernanceRoot, name: string, requester: string): QuorumPolicy {
  const policy = root.policies.find((each) => each.name === name);
  if (policy === undefined) throw new StrongroomError('approval-invalid', { detail: 'no such policy' });
  if (votersOf(policy, requester).length < policy.threshold)
    throw new StrongroomError('approval-invalid', { detail: 'without the requester there is no quorum' });
  return policy;
}

const votersOf = ({ approvers }: QuorumPolicy, requester: string): string[] =>
  approvers.filter((approver) => approver !== requester);

async function intentOf(
  { hsm, commitments, clock }: AskQuorumParts,
  { request, row, caller }: Permit,
  { subject }: Guarded,
  root: GovernanceRoot,
  policies: QuorumPolicies,
): Promise<OperationIntent> {
  const { requestId, params, routing } = request;
  if (routing === undefined) throw new TypeError('a permitted request has a routing header');
  const nonce = encodeBytes(await hsm.random(nonceBytes));
  return makeIntent({
    tenant: routing.tenant,
    pool: routing.pool,
    operation: row.name,
    requestId,
    requester: caller.principal,
    subject,
    policies,
    root,
    fields: intentFields(row.audit.request, params, (field, value) =>
      commitments.commit(nonce, field, value, caller.commitmentSalt),
    ),
    nonce,
    nowMs: clock.nowMs(),
  });
}

async function propose(
  { approvals, approved, makeBody }: AskQuorumParts,
  { request, row, caller }: Permit,
  intent: OperationIntent,
  policies: QuorumPolicies,
): Promise<Pending> {
  const { requestId, params, requestHash, routing, operation } = request;
  if (routing === undefined) throw new TypeError('a permitted request has a routing header');
  const opHash = operationHash(intent);
  const proposal = await approvals.propose({
    id: requestId,
    ...approved.close(intent, { routing, operation, params, requestHash, caller }),
    quorums: policies.map((policy) => ({
      approvers: votersOf(policy, caller.principal),
      threshold: policy.threshold,
    })),
  });
  // Somebody else's proposal holds the id.
  if (proposal.opHash !== opHash) throw new StrongroomError('request-replayed');
  return {
    status: 'pending',
    outcome: {
      reply: pendingReply(intent, Math.max(...policies.map(({ threshold }) => threshold))),
      body: makeBody({
        requestId,
        operation,
        requestHash,
        actor: caller.actor,
        commitmentSalt: caller.commitmentSalt,
        phase: 'proposal',
        outcome: 'pending',
        request: { row, params },
        approval: { opHash },
      }),
    },
  };
}

function pendingReply(intent: OperationIntent, missing: number): Reply {
  const { requestId, policy, pendingUntil } = intent;
  return {
    status: 'pending',
    approval: {
      proposal: requestId,
      opHash: operationHash(intent),
      policy: policy.name,
      missing,
      pendingUntil,
    },
  };
}

/**
 * The entry of the proposal is in the log since it was made, and this answer carries nothing of worth, so none is added.
 * Throws how the proposal ended.
 */
function answerAgain(
  { commitments }: AskQuorumParts,
  { request, row, caller }: Permit,
  waiting: Proposal,
): Reply {
  const intent = readIntent(waiting);
  const fields = intentFields(row.audit.request, request.params, (field, value) =>
    commitments.commit(intent.nonce, field, value, caller.commitmentSalt),
  );
  const isSame =
    intent.requestId === request.requestId &&
    intent.requester === caller.principal &&
    intent.operation === row.name &&
    Object.keys({ ...fields, ...intent.fields }).every((name) => fields[name] === intent.fields[name]);
  if (!isSame) throw new StrongroomError('request-replayed');
  const { state, failure, missing } = waiting;
  if (state === 'denied') throw new StrongroomError('approval-denied');
  if (state === 'expired') throw new StrongroomError('approval-expired');
  if (state === 'failed') throw new StrongroomError(isErrorCode(failure) ? failure : 'approval-invalid');
  // Its outcome is older than what the registry keeps.
  if (state === 'executed') throw new StrongroomError('request-replayed');
  return pendingReply(intent, missing);
}

function readIntent({ intent }: Proposal): OperationIntent {
  try {
    const value: unknown = parseCanonical(decodeBytes(intent)) satisfies CanonicalValue;
    if (checkers.operationIntent.check(value)) return value;
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
  }
  throw new StrongroomError('approvals-unavailable', { detail: 'an answer that is no proposal' });
}
