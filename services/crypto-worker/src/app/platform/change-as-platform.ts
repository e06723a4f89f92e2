/**
 * What the platform does by itself (seeding, its sealing keys) goes the same way as what it is asked for: intent, effect,
 * outcome, receipt. Only the questions who asks and whether they may do not arise.
 */
import { newRequestId } from '@strongroom/contracts';
import { StrongroomError, toStrongroomError } from '@strongroom/errors';
import type { Clock } from '../../ports/clock.ts';
import type { Commitments } from '../commitments.ts';
import { systemActor } from '../entry-bodies.ts';
import type { ApprovedBy, Deed } from '../pipeline/deed.ts';
import { type IntentParts, makeWriteIntent } from '../pipeline/intent.ts';
import { makeConclude } from '../pipeline/outcome.ts';
import type { Outcome, Reply } from '../pipeline/passage.ts';
import { makeReceipt, type ReceiptParts } from '../pipeline/receipt.ts';
import { makeRefuseDeed } from '../pipeline/refuse.ts';
import type { Effect } from '../use-case.ts';

export type PlatformOperation =
  | 'platform.seed'
  | 'platform.sealing-key.create'
  | 'platform.sealing-key.destroy'
  | 'platform.import-key.create'
  | 'platform.key.reserve'
  | 'platform.key.rotate'
  | 'platform.key.destroy'
  | 'platform.key.erase'
  | 'platform.key.postpone'
  | 'platform.key.unschedule'
  | 'platform.secret.sweep'
  | 'platform.group.rotate'
  | 'platform.group.reencrypt';

export interface PlatformChange {
  readonly operation: PlatformOperation;
  /** What the entries name. */
  readonly objects: NonNullable<Deed['objects']>;
  readonly carryOut: (call: {
    readonly requestId: string;
    readonly at: string;
  }) => Promise<Omit<Effect, 'result'>>;
}

/** Throws what kept it from being done, logged or committed. */
export type ChangeAsPlatform = (change: PlatformChange) => Promise<void>;

export interface ChangeAsPlatformParts extends IntentParts, Omit<ReceiptParts, 'registry' | 'refusalLog'> {
  readonly registry: IntentParts['registry'] & ReceiptParts['registry'];
  readonly clock: Clock;
  readonly commitments: Commitments;
}

const noApproval: ApprovedBy | undefined = undefined;

export function makeChangeAsPlatform(parts: ChangeAsPlatformParts): ChangeAsPlatform {
  const { clock, commitments } = parts;
  const writeIntent = makeWriteIntent(parts);
  const conclude = makeConclude(parts);
  const refuseDeed = makeRefuseDeed(parts);
  const record = makeReceipt({ ...parts, refusalLog: parts.auditLog });
  return async ({ operation, objects, carryOut }) => {
    const requestId = newRequestId(clock.nowMs());
    const repetition = commitments.repetition(operation, { requestId });
    const deed: Deed = {
      requestId,
      operation,
      actor: systemActor,
      requestHash: Buffer.from(repetition),
      repetition,
      objects,
    };
    const intent = await writeIntent(deed, noApproval);
    let outcome: Outcome;
    try {
      const effect = await carryOut({ requestId, at: new Date(clock.nowMs()).toISOString() });
      outcome = await conclude(deed, noApproval, intent, { ...effect, result: {} });
    } catch (fault) {
      outcome = await refuseDeed(deed, noApproval, intent, toStrongroomError(fault));
    }
    const { reply } = await record({ requestId, operation }, outcome);
    if (reply.status !== 'done') throw refusal(reply);
  };
}

function refusal(reply: Exclude<Reply, { status: 'done' }>): Error {
  return reply.status === 'refused'
    ? new StrongroomError(reply.error.code, reply.error)
    : new TypeError('the platform waits for no approval');
}
