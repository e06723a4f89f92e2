import type { Bus } from '@strongroom/bus';
import { subjects } from '@strongroom/contracts';
import type { WorkerBus } from '../../ports/worker-bus.ts';

const empty = new Uint8Array();

export function makeWorkerBus(bus: Bus): WorkerBus {
  return {
    carry: (route, frame, deadlineMs) =>
      bus.request(subjects.operation(route.class, route.pool), frame, {
        deadlineMs,
        silentCode: 'worker-silent',
      }),
    sealingKeys: (pool, deadlineMs) =>
      bus.request(subjects.sealingKeys(pool), empty, { deadlineMs, silentCode: 'worker-unavailable' }),
  };
}
