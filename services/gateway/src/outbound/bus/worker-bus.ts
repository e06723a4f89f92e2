import type { Bus } from '@strongroom/bus';
import { subjects } from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import type { WorkerBus } from '../../ports/worker-bus.ts';

const empty = new Uint8Array();

export function makeWorkerBus(bus: Bus): WorkerBus {
  const ask = (subject: string, frame: Uint8Array, deadlineMs: number) =>
    bus.request(subject, frame, { deadlineMs, silentCode: 'worker-silent' });
  return {
    carry: (route, frame, deadlineMs) =>
      ask(subjects.operation(route.class, route.pool), frame, deadlineMs).catch((fault: unknown) => {
        // Nobody has seen it. Workers that are without their token can still say so, to the caller alone.
        if (!isStrongroomError(fault) || fault.code !== 'worker-unavailable') throw fault;
        return ask(subjects.lastResort(route.class, route.pool), frame, deadlineMs);
      }),
    sealingKeys: (pool, deadlineMs) =>
      bus.request(subjects.sealingKeys(pool), empty, { deadlineMs, silentCode: 'hsm-unavailable' }),
  };
}
