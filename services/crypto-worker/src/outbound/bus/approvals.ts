/** The approvals service, over the bus. Its answers fit their schemas and prove nothing (I6). */
import type { Bus } from '@strongroom/bus';
import { CanonicalError, type CanonicalValue, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import { type Checker, checkers, subjects } from '@strongroom/contracts';
import { type ErrorCode, isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { Approvals } from '../../ports/approvals.ts';

const deadlineMs = 4_000;
const replyBytesMax = 4 * 1_048_576;
/** What the service may say of a proposal; everything else it says is its own trouble. */
const itsRefusals: ReadonlySet<ErrorCode> = new Set([
  'absent',
  'already-exists',
  'approval-expired',
  'approval-invalid',
  'approver-is-requester',
  'denied',
  'proposal-closed',
  'request-invalid',
]);

export function makeBusApprovals(bus: Pick<Bus, 'request'>): Approvals {
  const ask = async <Reply>(subject: string, request: object, checker: Checker<Reply>): Promise<Reply> => {
    const reply = readAnswer(await requestOrRefuse(bus, subject, canonicalBytes(request as CanonicalValue)));
    if (!checker.check(reply)) throw unavailable(`answer: ${checker.problemOf(reply)}`);
    return reply;
  };
  return {
    propose: (request) => ask(subjects.approvalsPropose, request, checkers.proposal),
    vote: (request) => ask(subjects.approvalsVote, request, checkers.proposal),
    show: (proposal) => ask(subjects.approvalsShow, { proposal }, checkers.proposal),
    list: (request) => ask(subjects.approvalsList, request, checkers.proposalListReply),
  };
}

async function requestOrRefuse(
  bus: Pick<Bus, 'request'>,
  subject: string,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  try {
    return await bus.request(subject, bytes, { deadlineMs, absentCode: 'approvals-unavailable' });
  } catch (fault) {
    if (isStrongroomError(fault) && itsRefusals.has(fault.code)) throw fault;
    throw unavailable(isStrongroomError(fault) ? fault.code : 'internal', fault);
  }
}

function readAnswer(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes, { bytesMax: replyBytesMax });
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
    throw unavailable(fault.reason);
  }
}

function unavailable(detail: string, cause?: unknown): StrongroomError {
  return new StrongroomError('approvals-unavailable', { detail, retryAfterMs: 1_000, cause });
}
