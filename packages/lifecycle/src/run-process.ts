/**
 * Ties a service to its process: a signal stops it, a second one ends it at once, a fault that nobody caught, or that a
 * part declares the end, ends it soon. Called from `main` alone, which hands the process in.
 */
import { isStrongroomError } from '@strongroom/errors';
import type { Service } from './service.ts';

export interface ProcessEdge {
  on(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (fault: unknown) => void): unknown;
  exit(status: number): void;
}

export interface RunOptions {
  readonly edge: ProcessEdge;
  /** Flushes logs and traces; bounded by its owner. */
  readonly flush: () => Promise<void>;
}

/** EX_TEMPFAIL of sysexits.h. The process ended in order and wants to be started again. */
export const retiredStatus = 75;

/** After a fault that nobody expected, the state is unknown: callers get this long, the next start reconciles. */
const faultDrainMs = 1_000;

export async function runProcess(service: Service, { edge, flush }: RunOptions): Promise<void> {
  const { report } = service;
  let isEnding = false;
  const end = async (status: number, drainMs?: number): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    const isClean = await service.stop(drainMs);
    if (!isClean) report('drain-incomplete', {});
    try {
      await flush();
    } catch (error) {
      report('flush-failed', { error });
    }
    edge.exit(isClean ? status : 1);
  };
  const fail = (error: unknown) => {
    report('process-failed', { error });
    void end(1, faultDrainMs);
  };
  edge.on('uncaughtException', fail);
  edge.on('unhandledRejection', fail);
  void service.failure.then(fail);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    edge.on(signal, () => {
      report('signal', { reason: signal });
      if (isEnding) edge.exit(1);
      else void end(0);
    });
  }
  void service.retirement.then(() => {
    report('process-retired', {});
    return end(retiredStatus);
  });
  try {
    await service.start();
  } catch (error) {
    // A signal during the start: the one who ends the process is already at it.
    if (isStrongroomError(error) && error.code === 'stopping') return;
    report('start-failed', { error });
    await end(1);
  }
}
