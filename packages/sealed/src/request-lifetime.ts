import { type RoutingHeader, requestLifetimeMsMax } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';

/**
 * Throws `request-expired`. The upper bound keeps anyone from storing requests for a better day: what a carrier holds back
 * is void after a minute, whatever the caller wrote.
 */
export function assertInLifetime(routing: RoutingHeader, nowMs: number): void {
  const notAfterMs = Date.parse(routing.notAfter);
  // Negated comparisons, so that the NaN of a date that does not exist (30 February) is refused too.
  if (!(notAfterMs > nowMs) || !(notAfterMs <= nowMs + requestLifetimeMsMax)) {
    throw new StrongroomError('request-expired');
  }
}
