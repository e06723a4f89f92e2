import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

/** Hears of the bus what a process should tell about it; fits the bus's `observer`. */
export interface BusWatch {
  readonly onState: (state: string, problem?: Error) => void;
  readonly onDropped: (reason: string) => void;
  readonly onRefused: (operation: string, subject: string) => void;
}

/**
 * Lost connections and refused subjects are log lines: the latter mean that permissions and code disagree, or that
 * somebody else uses the credential. Dropped messages are only counted, since anybody could fill the log with them.
 */
export function observeBus(logger: Logger, metrics: Metrics): BusWatch {
  const dropped = metrics.counter('strongroom_bus_dropped', 'messages or parts of one that were thrown away');
  const refused = metrics.counter(
    'strongroom_bus_refused',
    'subjects that the server refused to this service',
  );
  return {
    onState(state, problem) {
      if (state === 'disconnected' || problem !== undefined) logger.warn('bus-state', { state }, problem);
      else logger.info('bus-state', { state });
    },
    onDropped: (reason) => dropped.add(1, { reason }),
    onRefused(operation, subject) {
      refused.add(1, { operation });
      logger.error('bus-subject-refused', { operation, subject });
    },
  };
}
