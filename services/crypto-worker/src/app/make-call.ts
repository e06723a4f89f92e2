import type { OperationName } from '@strongroom/contracts';
import type { Clock } from '../ports/clock.ts';
import type { Permit } from './pipeline/passage.ts';
import type { Call } from './use-case.ts';

/** What a use case gets of a permitted request. The parameters fit the schema of the operation: `authorise` checked. */
export function makeCall(permit: Permit, clock: Clock): Call<OperationName> {
  const { request, caller, holdings, may } = permit;
  return {
    params: request.params as never,
    requestId: request.requestId,
    caller,
    holdings,
    may,
    at: new Date(clock.nowMs()).toISOString(),
  };
}
