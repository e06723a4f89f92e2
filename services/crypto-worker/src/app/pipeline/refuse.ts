/**
 * Any step's refusal becomes an outcome like the others: one entry, one reply. What it takes of the request id:
 *
 * - refused before the intent, for good: the id is used up, in the phase `intent` where the operation would have changed
 *   something, so that the log itself keeps it from being carried out later;
 * - refused, but worth repeating, or about an id that is taken: an id of its own, and the request's as a remark;
 * - refused after the intent: the refusal is stored as the first answer, and closes the intent;
 * - after the intent and not known: nothing is claimed. The intent stays open until reconciliation has looked.
 */
import {
  findOperation,
  newRequestId,
  type OperationDescriptor,
  operationChecker,
} from '@strongroom/contracts';
import { type ErrorCode, errorCatalogue, StrongroomError, toStrongroomError } from '@strongroom/errors';
import type { Registry } from '../../ports/registry.ts';
import type { Report } from '../../ports/steps.ts';
import type { Commitments } from '../commitments.ts';
import { anonymousActor, type EntryFacts, type MakeEntryBody } from '../entry-bodies.ts';
import type { ApprovedBy, Deed } from './deed.ts';
import type { Intent, Outcome, Reached, Request } from './passage.ts';
import { refusalReply } from './refusal-reply.ts';
import { storedOutcome } from './stored-reply.ts';

export interface RefuseParts {
  readonly registry: Pick<Registry, 'commit'>;
  readonly makeBody: MakeEntryBody;
  readonly commitments: Commitments;
  readonly report: Report;
}

/** The log has just failed to take an entry; asking it again would only make the caller wait. */
const logFailures: ReadonlySet<ErrorCode> = new Set(['audit-unavailable', 'receipt-invalid']);

export function makeRefuse(parts: RefuseParts) {
  const refuseDeed = makeRefuseDeed(parts);
  return async (request: Request, reached: Reached, fault: unknown): Promise<Outcome> => {
    const error = toStrongroomError(fault);
    const { requestId, operation } = request;
    // A fault of ours: the caller learns no more than that, the operator everything.
    if (error.code === 'internal') parts.report('operation-failed', { requestId, operation, error: fault });
    const deed = deedAsFarAsKnown(request, reached, parts.commitments);
    if (reached.intent !== undefined)
      return refuseDeed(deed, reached.clearance?.approvedBy, reached.intent, error);
    if (logFailures.has(error.code)) return { reply: refusalReply(error) };
    const { repetition: _, ...facts } = { ...deed, ...placeOf(request, reached, error) };
    const { evidence } = request;
    const approval = evidence.kind === 'approval' ? { opHash: evidence.approval.opHash } : undefined;
    return {
      reply: refusalReply(error),
      body: parts.makeBody({ ...facts, outcome: 'refused', code: error.code, approval }),
    };
  };
}

export type RefuseDeed = (
  deed: Deed,
  approval: ApprovedBy | undefined,
  intent: Intent,
  error: StrongroomError,
) => Promise<Outcome>;

/** After the intent: the refusal becomes the first answer for good, or the outcome is unknown. Never throws. */
export function makeRefuseDeed({ registry, makeBody, report }: Omit<RefuseParts, 'commitments'>): RefuseDeed {
  return async ({ repetition, ...deed }, approval, intent, error) => {
    const { requestId, operation } = deed;
    if (errorCatalogue[error.code].outcome === 'unknown') return unknownOutcome(intent);
    const { code } = error;
    const body = makeBody({ ...deed, phase: 'outcome', outcome: 'refused', code, approval });
    const outcome = { reply: refusalReply(error), body, closes: intent };
    try {
      const place = { actor: intent.actor, requestId, requestHash: repetition };
      await registry.commit([], storedOutcome(place, outcome), []);
      return outcome;
    } catch (second) {
      // A refusal that can not be kept could be answered differently next time.
      report('refusal-not-stored', { requestId, operation, code, error: second });
      return unknownOutcome(intent);
    }
  };
}

export function unknownOutcome(intent: Intent): Outcome {
  return {
    reply: refusalReply(new StrongroomError('outcome-unknown', { retryAfterMs: 1_000 })),
    entry: intent.entry,
    leaves: intent,
  };
}

/** Of a message only what a proven caller sent and what fits the row comes into the log. */
function deedAsFarAsKnown(
  { requestId, operation, params, requestHash }: Request,
  { caller }: Reached,
  commitments: Commitments,
): Deed {
  const row = findOperation(operation);
  const fits = caller !== undefined && row !== undefined && isFitting(row, params);
  return {
    requestId,
    operation: row?.name ?? 'unknown',
    actor: caller?.actor ?? anonymousActor,
    commitmentSalt: caller?.commitmentSalt,
    requestHash,
    repetition: fits ? commitments.repetition(row.name, params) : '',
    ...(fits ? { request: { row, params } } : {}),
  };
}

function isFitting(row: OperationDescriptor, params: unknown): boolean {
  return operationChecker(row.name as never).request.check(params);
}

function placeOf(
  { requestId, operation, evidence }: Request,
  { caller }: Reached,
  { code }: StrongroomError,
): Pick<EntryFacts, 'requestId' | 'phase' | 'remarks'> {
  if (caller === undefined) return { requestId, phase: 'outcome' };
  const isFinal = errorCatalogue[code].retry === 'never' && code !== 'request-replayed';
  // An attempt with bad evidence must not use up the request that waits for good one.
  if (!isFinal || evidence.kind === 'approval')
    return { requestId: newRequestId(), phase: 'outcome', remarks: { attempts: requestId } };
  return { requestId, phase: findOperation(operation)?.mutates === true ? 'intent' : 'outcome' };
}
