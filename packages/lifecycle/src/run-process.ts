/**
 * Ties a service to its process: signals stop it, a fault that nobody caught ends it. Called from `main` alone, which
 * hands the process in.
 */
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

export async function runProcess(service: Service, { edge, flush }: RunOptions): Promise<void> {
  const { report } = service;
  const end = async (status: number): Promise<void> => {
    const isClean = await service.stop();
    if (!isClean) report('drain-incomplete', {});
    await flush();
    edge.exit(isClean ? status : 1);
  };
  // After a fault that nobody expected the state is unknown: end, and let the next start reconcile.
  const fail = (error: unknown) => {
    report('process-failed', { error });
    void end(1);
  };
  edge.on('uncaughtException', fail);
  edge.on('unhandledRejection', fail);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    edge.on(signal, () => {
      report('signal', { reason: signal });
      void end(0);
    });
  }
  try {
    await service.start();
  } catch (error) {
    report('start-failed', { error });
    await end(1);
  }
}
