/** Whether a request may enter at all: rate of its caller, then a free place. Refuses early and never grants. */
import type { OperationClass } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { InFlight } from '../domain/in-flight.ts';
import type { TokenBuckets } from '../domain/token-buckets.ts';
import type { RateCounter } from '../ports/rate-counter.ts';

const retryAfterMs = 1_000;

export interface AdmitParts {
  readonly inFlight: InFlight;
  readonly shared: RateCounter;
  readonly local: TokenBuckets;
  /** Requests a second and caller over all gateways. */
  readonly perSecondMax: number;
  readonly nowMs: () => number;
}

/** Throws `rate-limited`. */
export function makeCheckRate({ shared, local, perSecondMax, nowMs }: AdmitParts) {
  return (caller: string, requests = 1): void => {
    const now = nowMs();
    const count = shared.count(caller, requests, now);
    const allowed = count === undefined ? local.take(caller, now, requests) : count <= perSecondMax;
    if (!allowed) throw new StrongroomError('rate-limited', { retryAfterMs });
  };
}

/** Runs the work in a free place of the lane. Throws `overloaded` at once where there is none. */
export function makeRunInPlace({ inFlight }: Pick<AdmitParts, 'inFlight'>) {
  return async <T>(lane: OperationClass, work: () => Promise<T>): Promise<T> => {
    if (!inFlight.enter(lane)) throw new StrongroomError('overloaded', { retryAfterMs });
    try {
      return await work();
    } finally {
      inFlight.leave(lane);
    }
  };
}
