/**
 * A client with the patience of a person. What a busy platform refused without having done anything is asked anew, and of a
 * change whose outcome is not known the same request tells it: a few times, ever later.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { CallAnswer, CallOptions, StrongroomClient } from '@strongroom/client';
import {
  describeOperation,
  newRequestId,
  type OperationName,
  type OperationRequest,
} from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';

const refusedForNow: ReadonlySet<string> = new Set(['audit-unavailable', 'overloaded']);
const triesMax = 4;
const pauseMsDefault = 250;

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
      let requestId = options.requestId ?? newRequestId();
      for (let tried = 1; ; tried += 1) {
        try {
          return await client.call(operation, params, mutates ? { ...options, requestId } : options);
        } catch (fault) {
          const code = isStrongroomError(fault) ? fault.code : '';
          const isUnknown = mutates && code === 'outcome-unknown';
          // A refusal is the answer for good to the id that was asked with.
          const isAnew = refusedForNow.has(code) && options.requestId === undefined;
          if (tried === triesMax || !(isUnknown || isAnew)) throw fault;
          if (isAnew) requestId = newRequestId();
          await delay(pauseMs * 2 ** (tried - 1));
        }
      }
    },
  };
}
