/**
 * Ends what was interrupted between intent and outcome (I5). Where the registry holds an outcome, the operation was
 * decided and only the log is behind. Where it holds none, nobody can say what the HSM did in the moment of the crash: it
 * is looked at, what it made is reported and neither used nor destroyed, and the outcome is unknown for good.
 *
 * Every step may be repeated; two workers that reconcile the same intent come to the same end.
 */
import { parseCanonical } from '@strongroom/canonical';
import { type EntryBody, newRequestId } from '@strongroom/contracts';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { hsmLabel, isMadeBy } from '../../domain/hsm-label.ts';
import type { AuditLog } from '../../ports/audit-log.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { OpenIntent, Registry } from '../../ports/registry.ts';
import type { Report } from '../../ports/steps.ts';
import type { MakeEntryBody } from '../entry-bodies.ts';
import type { InFlight } from '../pipeline/in-flight.ts';
import { refusalReply } from '../pipeline/refusal-reply.ts';
import { decodeStoredReply, storedOutcome } from '../pipeline/stored-reply.ts';

export interface ReconcileParts {
  readonly worker: string;
  readonly registry: Pick<Registry, 'listIntents' | 'findOutcome' | 'commit' | 'closeIntent'>;
  readonly auditLog: Pick<AuditLog, 'append'>;
  readonly hsm: Pick<Hsm, 'listKeys'>;
  readonly makeBody: MakeEntryBody;
  readonly inFlight: InFlight;
  readonly clock: Clock;
  readonly report: Report;
}

/** Longer than any operation may take: until then another worker is taken to be at work. */
const othersAgeMs = 60_000;

/** Intents that nobody is working on any more. */
export async function interruptedIntents({
  worker,
  registry,
  inFlight,
  clock,
}: Pick<ReconcileParts, 'worker' | 'registry' | 'inFlight' | 'clock'>): Promise<readonly OpenIntent[]> {
  const intents = await registry.listIntents();
  return intents.filter((intent) =>
    intent.worker === worker
      ? !inFlight.has(intent.actor, intent.requestId)
      : clock.nowMs() - Date.parse(intent.openedAt) > othersAgeMs,
  );
}

/** One that can not be reconciled now does not keep the others waiting. */
export function makeReconcileIntents(parts: ReconcileParts): () => Promise<void> {
  return async () => {
    for (const intent of await interruptedIntents(parts)) {
      const { requestId, operation } = intent;
      try {
        await reconcile(parts, intent);
        parts.report('intent-reconciled', { requestId, operation });
      } catch (error) {
        parts.report('reconciliation-failed', { requestId, operation, error });
      }
    }
  };
}

async function reconcile(parts: ReconcileParts, intent: OpenIntent): Promise<void> {
  const { registry } = parts;
  const body = parseCanonical(intent.body) as unknown as EntryBody;
  const outcome = (await decidedOutcome(parts, intent)) ?? (await callUnknown(parts, intent, body));
  await bringIntoLog(parts, body);
  await bringIntoLog(parts, outcome);
  await registry.closeIntent(intent.actor, intent.requestId);
}

async function decidedOutcome(
  { registry }: ReconcileParts,
  { actor, requestId }: OpenIntent,
): Promise<EntryBody | undefined> {
  const stored = await registry.findOutcome(actor, requestId);
  return stored && decodeStoredReply(stored).body;
}

/** Stored first: a worker that is still at work after all can not commit over it. */
async function callUnknown(parts: ReconcileParts, intent: OpenIntent, body: EntryBody): Promise<EntryBody> {
  const { registry, hsm, makeBody, clock, report } = parts;
  const { requestId, operation } = intent;
  const orphans = (await hsm.listKeys(hsmLabel.keyPrefix)).filter((label) => isMadeBy(label, requestId));
  if (orphans.length > 0) report('hsm-orphan', { requestId, operation, count: orphans.length });
  const unknown: EntryBody = {
    ...makeBody({
      requestId,
      operation,
      requestHash: body.requestHash,
      actor: body.actor,
      phase: 'outcome',
      outcome: 'unknown',
      code: 'outcome-unknown',
      objects: body.objects,
      remarks: { orphans },
    }),
    ...(body.approval === undefined ? {} : { approval: body.approval }),
  };
  const reply = refusalReply(new StrongroomError('outcome-unknown'));
  const [object] = body.objects;
  const event = {
    id: newRequestId(clock.nowMs()),
    name: 'operation.outcome.unknown' as const,
    at: unknown.at,
    requestId,
    object: [object?.kind ?? 'operation', object?.group, object?.name].filter(Boolean).join('/'),
  };
  try {
    await registry.commit([], storedOutcome(intent, { reply, body: unknown }), [event]);
    return unknown;
  } catch (fault) {
    if (!isStrongroomError(fault) || fault.code !== 'request-replayed') throw fault;
    // Another worker was first; what it decided counts.
    const decided = await decidedOutcome(parts, intent);
    if (decided === undefined) throw fault;
    return decided;
  }
}

/** The same entry again is no second one; where another holds its place, the log knows already. */
async function bringIntoLog({ auditLog, worker }: ReconcileParts, body: EntryBody): Promise<void> {
  try {
    // The log takes an entry only from the worker that it names.
    await auditLog.append({ ...body, worker });
  } catch (fault) {
    if (!isStrongroomError(fault) || fault.code !== 'request-replayed') throw fault;
  }
}
