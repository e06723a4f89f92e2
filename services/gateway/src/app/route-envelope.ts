/**
 * Carries a sealed envelope to a worker. The gateway reads the routing header and nothing else; what it checks, the
 * worker checks again.
 */
import { type RoutingHeader, requestLifetimeMsMax } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { WorkerBus } from '../ports/worker-bus.ts';
import type { makeRunInPlace } from './admit.ts';

export interface RouteEnvelopeParts {
  readonly workers: WorkerBus;
  readonly runInPlace: ReturnType<typeof makeRunInPlace>;
  readonly pool: string;
  readonly nowMs: () => number;
}

export function makeRouteEnvelope({ workers, runInPlace, pool, nowMs }: RouteEnvelopeParts) {
  return async (routing: RoutingHeader, frame: Uint8Array): Promise<Uint8Array> => {
    if (routing.pool !== pool) throw new StrongroomError('request-invalid', { detail: 'pool' });
    const remainingMs = Date.parse(routing.notAfter) - nowMs();
    if (remainingMs <= 0 || remainingMs > requestLifetimeMsMax) throw new StrongroomError('request-expired');
    return runInPlace(routing.class, () => workers.carry(routing, frame, remainingMs));
  };
}
