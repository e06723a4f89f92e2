/**
 * Step 8. Nothing leaves before the log holds it and its receipt was checked (I4). Where that fails, only a refusal
 * leaves: that nothing was done where nothing was, and otherwise that the outcome is unknown, which the repetition of the
 * request will tell.
 */
import { type EntryBody, newRequestId } from '@strongroom/contracts';
import { isStrongroomError, toStrongroomError } from '@strongroom/errors';
import type { AuditLog } from '../../ports/audit-log.ts';
import type { Pause } from '../../ports/clock.ts';
import type { Registry } from '../../ports/registry.ts';
import type { PublishStep, Report } from '../../ports/steps.ts';
import type { InFlight } from './in-flight.ts';
import type { Answer, Intent, Outcome, Request } from './passage.ts';
import { refusalReply } from './refusal-reply.ts';
import { unknownOutcome } from './refuse.ts';

export interface ReceiptParts {
  readonly auditLog: Pick<AuditLog, 'append'>;
  /** Takes what nobody has proven; bounds what of it becomes an entry of its own. */
  readonly refusalLog: Pick<AuditLog, 'append'>;
  readonly registry: Pick<Registry, 'closeIntent'>;
  readonly inFlight: InFlight;
  /** Resolves when every worker of the pool has had the time to see what this one committed. */
  readonly settled: () => Promise<void>;
  readonly pause: Pause;
  readonly publish: PublishStep;
  readonly report: Report;
}

/** Half a second of a log that nobody writes, and two of one that does not answer. */
const deedTriesMax = 10;
const deedPauseMs = 50;

type Named = Pick<Request, 'requestId' | 'operation'>;

export function makeReceipt(parts: ReceiptParts): (request: Named, outcome: Outcome) => Promise<Answer> {
  const { inFlight, publish } = parts;
  return async ({ requestId, operation }, outcome) => {
    const { reply, body, closes, leaves } = outcome;
    try {
      if (body === undefined) return answer(outcome);
      // What a caller was told is done holds for its next message, whichever worker that reaches.
      const settled = closes === undefined ? undefined : parts.settled();
      const entry = await (closes === undefined ? record(parts, body) : recordDeed(parts, body));
      publish('outcome-appended', requestId, operation);
      if (closes !== undefined) await close(parts, closes, operation);
      await settled;
      return { reply, entry };
    } catch (fault) {
      const error = toStrongroomError(fault);
      parts.report('entry-without-receipt', { requestId, operation, code: error.code, error: fault });
      return closes === undefined ? { reply: refusalReply(error) } : answer(unknownOutcome(closes));
    } finally {
      const intent = closes ?? leaves;
      if (intent !== undefined) inFlight.leave(intent.actor, intent.requestId);
    }
  };
}

function answer({ reply, entry }: Outcome): Answer {
  return entry === undefined ? { reply } : { reply, entry };
}

/**
 * What can still be refused is refused as soon as the log is silent. What has happened is not: the same entry is sent again
 * for as long as a caller waits anyway, and the log takes it once.
 */
async function recordDeed(parts: ReceiptParts, body: EntryBody): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await record(parts, body);
    } catch (fault) {
      const isSilent = isStrongroomError(fault) && fault.code === 'audit-unavailable';
      if (!isSilent || tries === deedTriesMax) throw fault;
      await parts.pause(deedPauseMs);
    }
  }
}

async function record({ auditLog, refusalLog }: ReceiptParts, body: EntryBody): Promise<number> {
  const log = body.actor.id === 'anonymous' ? refusalLog : auditLog;
  try {
    return await log.append(body);
  } catch (fault) {
    const isTaken = isStrongroomError(fault) && fault.code === 'request-replayed';
    if (!isTaken || body.outcome !== 'refused') throw fault;
    // An id that is used up must not keep a refusal out of the log.
    return log.append({ ...body, requestId: newRequestId(), phase: 'outcome' });
  }
}

/** The operation is done and logged; an intent that stays open is closed by reconciliation. */
async function close({ registry, report }: ReceiptParts, intent: Intent, operation: string): Promise<void> {
  try {
    await registry.closeIntent(intent.actor, intent.requestId);
  } catch (error) {
    report('intent-left-open', { requestId: intent.requestId, operation, error });
  }
}
