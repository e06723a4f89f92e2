/**
 * Step 5. Before anything changes, the registry holds an open intent and the log an entry with a checked receipt (I5). The
 * registry comes first: from then on a crash at any point leaves something that reconciliation finds, so no intent stays in
 * the log without an outcome.
 */
import { type CanonicalValue, canonicalBytes } from '@strongroom/canonical';
import type { EntryBody } from '@strongroom/contracts';
import { isStrongroomError, StrongroomError, toStrongroomError } from '@strongroom/errors';
import type { AuditLog } from '../../ports/audit-log.ts';
import type { OpenIntent, Registry } from '../../ports/registry.ts';
import type { PublishStep, Report } from '../../ports/steps.ts';
import type { MakeEntryBody } from '../entry-bodies.ts';
import type { ApprovedBy, Deed } from './deed.ts';
import type { InFlight } from './in-flight.ts';
import type { Intent } from './passage.ts';
import { refusalReply } from './refusal-reply.ts';
import { storedOutcome } from './stored-reply.ts';

export interface IntentParts {
  readonly registry: Pick<Registry, 'openIntent' | 'closeIntent' | 'commit'>;
  readonly auditLog: Pick<AuditLog, 'append'>;
  readonly makeBody: MakeEntryBody;
  readonly inFlight: InFlight;
  readonly publish: PublishStep;
  readonly report: Report;
}

export type WriteIntent = (deed: Deed, approval: ApprovedBy | undefined) => Promise<Intent>;

const retryAfterMs = 1_000;

/** Only for what changes something. */
export function makeWriteIntent(parts: IntentParts): WriteIntent {
  const { makeBody, auditLog, inFlight, publish } = parts;
  return async ({ repetition, ...deed }, approval) => {
    const { requestId, operation, actor } = deed;
    const body = makeBody({ ...deed, phase: 'intent', outcome: 'intended', approval });
    const intent: OpenIntent = {
      actor: actor.id,
      requestId,
      operation,
      requestHash: repetition,
      worker: body.worker,
      openedAt: body.at,
      body: canonicalBytes(body as unknown as CanonicalValue),
    };
    await open(parts, intent);
    publish('intent-opened', requestId, operation);
    try {
      const entry = await auditLog.append(body);
      publish('intent-appended', requestId, operation);
      return { actor: actor.id, requestId, entry };
    } catch (fault) {
      await abandon(parts, intent, body, fault);
      inFlight.leave(actor.id, requestId);
      throw fault;
    }
  };
}

async function open({ registry, inFlight }: IntentParts, intent: OpenIntent): Promise<void> {
  try {
    await registry.openIntent(intent);
  } catch (fault) {
    if (!isStrongroomError(fault) || fault.code !== 'already-exists') throw fault;
    // It is being carried out at this moment, or was interrupted and waits for reconciliation.
    throw new StrongroomError('outcome-unknown', { retryAfterMs });
  }
  inFlight.enter(intent.actor, intent.requestId);
}

/**
 * Nothing has happened yet. Where the log says that the id is used up, the intent goes again. Where the log is silent, it
 * may or may not hold the entry, so the intent stays open with its outcome: reconciliation brings both into the log.
 */
async function abandon(
  { registry, report }: IntentParts,
  intent: OpenIntent,
  body: EntryBody,
  fault: unknown,
): Promise<void> {
  const { actor, requestId, operation } = intent;
  const error = toStrongroomError(fault);
  try {
    if (error.code === 'request-replayed') return await registry.closeIntent(actor, requestId);
    const refused = { ...body, phase: 'outcome', outcome: 'refused', code: error.code } as const;
    await registry.commit([], storedOutcome(intent, { reply: refusalReply(error), body: refused }), []);
  } catch (second) {
    // Reconciliation will find the intent without an outcome and call that unknown: safe, and less than we know.
    report('intent-left-open', { requestId, operation, error: second });
  }
}
