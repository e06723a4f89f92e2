/**
 * Step 4. Whether others must agree: the object's record says so by the policy that it names. Without their votes the
 * operation is handed to the approvals service to wait; with them every vote is verified here, by the governance root that
 * the HSM pins, whatever that service says (I6).
 */
import type { ObjectReference } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { verifyVote } from '@strongroom/sealed';
import { judgeQuorum } from '../../domain/quorum.ts';
import { objectOf, type Params, policyNameOf, recordOf, subjectOf } from '../../domain/subject.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Governance } from '../../ports/governance.ts';
import type { Registry } from '../../ports/registry.ts';
import type { PublishStep } from '../../ports/steps.ts';
import type { Approval, Clearance, Pending, Permit } from './passage.ts';
import type { AskQuorum, Guarded } from './propose.ts';

export interface QuorumParts {
  readonly registry: Pick<Registry, 'read'>;
  readonly governance: Governance;
  readonly askQuorum: AskQuorum;
  readonly clock: Clock;
  readonly publish: PublishStep;
}

const cleared: Clearance = Object.freeze({ status: 'cleared' });

export function makeQuorum(parts: QuorumParts): (permit: Permit) => Promise<Clearance | Pending> {
  return async (permit) => {
    const clearance = await clear(parts, permit);
    parts.publish('quorum-checked', permit.request.requestId, permit.row.name);
    return clearance;
  };
}

async function clear(parts: QuorumParts, permit: Permit): Promise<Clearance | Pending> {
  const { row, request } = permit;
  const { evidence, params } = request;
  const approval = evidence.kind === 'approval' ? evidence.approval : undefined;
  if (!row.guardable) {
    if (approval === undefined) return cleared;
    throw new StrongroomError('approval-invalid', { detail: 'the operation needs no quorum' });
  }
  const object = objectOf(row.object, params);
  const place = recordOf(object);
  const record = place && (await parts.registry.read(place.kind, place.id));
  // Before anybody is asked to agree to what can not be done.
  if (row.object.isMade && record !== undefined)
    throw new StrongroomError('already-exists', { detail: object.kind });
  const policyNames = policiesOf(row.object, params, place && policyNameOf(place.kind, record?.value));
  const subject = subjectOf(object, record);
  if (approval !== undefined) return judge(parts, permit, approval, { subject, policyNames });
  const [first, ...next] = policyNames;
  return first === undefined ? cleared : parts.askQuorum(permit, { subject, policyNames: [first, ...next] });
}

/**
 * Of the record; of what is only to be made, by the policy that it is to have. Who guards an object can not hand it to others alone,
 * and nobody is made its guard unasked: where the policy changes, both have to agree.
 */
function policiesOf(
  { policy, nextPolicy }: ObjectReference,
  params: Params,
  ofRecord: string | undefined,
): readonly string[] {
  const first = ofRecord ?? (policy && (params[policy] as string));
  const next = nextPolicy && (params[nextPolicy] as string | undefined);
  if (first === undefined) return [];
  return next === undefined || next === first ? [first] : [first, next];
}

async function judge(
  { governance, clock }: QuorumParts,
  { request, row, caller }: Permit,
  { intent, opHash, votes }: Approval,
  { subject, policyNames }: Pick<Guarded, 'subject'> & { readonly policyNames: readonly string[] },
): Promise<Clearance> {
  // The worker wrote intent and operation together; a difference would be a fault of its own and must not run.
  const isOneOperation =
    intent.operation === row.name &&
    intent.requestId === request.requestId &&
    intent.requester === caller.principal &&
    intent.tenant === request.routing?.tenant &&
    intent.pool === request.routing.pool;
  if (!isOneOperation) throw new StrongroomError('approval-invalid', { detail: 'another operation' });
  const root = await governance.root();
  const nowMs = clock.nowMs();
  const verdict = judgeQuorum({ intent, votes, root, subject, policyNames, nowMs, isSignedBy: verifyVote });
  if (verdict.status === 'refused') throw new StrongroomError(verdict.code, { detail: verdict.reason });
  return { status: 'cleared', approvedBy: { opHash, approvers: verdict.approvers } };
}
