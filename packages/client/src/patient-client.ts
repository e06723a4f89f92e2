/**
 * A client with patience. What the platform refused for now, nothing having been done, is asked anew, and of a change whose
 * outcome is not known the same request tells it: a few times, ever later, within the deadline of the call.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  describeOperation,
  newRequestId,
  type OperationName,
  type OperationRequest,
} from '@strongroom/contracts';
import { type ErrorCode, isStrongroomError } from '@strongroom/errors';
import type { CallAnswer, CallOptions, StrongroomClient } from './client.ts';

/**
 * Refusals without any effect that a busy or a restarting process gives for a moment. What lasts as long as a fault of the HSM
 * or of the database is told at once, and whoever asks too often is not helped by asking again.
 */
const passing: ReadonlySet<ErrorCode> = new Set([
  'audit-unavailable',
  'bus-unavailable',
  'overloaded',
  'stopping',
  'worker-unavailable',
]);
const triesMax = 4;
const pauseMsDefault = 250;

/** `deadlineMs` of a call bounds all tries together; without it each try has the deadline of the operation. */
export function patientClient(client: StrongroomClient, pauseMs = pauseMsDefault): StrongroomClient {
  return {
    identity: () => client.identity(),
    close: () => client.close(),
    async call<Name extends OperationName>(
      operation: Name,
      params: OperationRequest<Name>,
      options: CallOptions = {},
    ): Promise<CallAnswer<Name>> {
      const { mutates } = describeOperation(operation);
      const left = countDown(options.deadlineMs);
      let requestId = options.requestId ?? newRequestId();
      for (let tried = 1; ; tried += 1) {
        try {
          return await client.call(operation, params, {
            ...options,
            ...(mutates ? { requestId } : {}),
            ...(options.deadlineMs === undefined ? {} : { deadlineMs: left() }),
          });
        } catch (fault) {
          const code = isStrongroomError(fault) ? fault.code : undefined;
          const isUnknown = mutates && code === 'outcome-unknown';
          // A refusal is the answer for good to the id that was asked with.
          const isAnew = code !== undefined && passing.has(code) && options.requestId === undefined;
          const pause = pauseMs * 2 ** (tried - 1);
          if (tried === triesMax || !(isUnknown || isAnew) || left() <= pause) throw fault;
          if (isAnew) requestId = newRequestId();
          await delay(pause, undefined, options.signal && { signal: options.signal }).catch(() => {
            throw fault;
          });
        }
      }
    },
  };
}

function countDown(deadlineMs = Number.POSITIVE_INFINITY): () => number {
  const endMs = performance.now() + deadlineMs;
  return () => endMs - performance.now();
}
