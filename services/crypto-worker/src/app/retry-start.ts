import { isStrongroomError } from '@strongroom/errors';
import type { Pause } from '../ports/clock.ts';
import type { Report } from '../ports/steps.ts';

export interface RetryStartParts {
  readonly pause: Pause;
  readonly report: Report;
  /** Raised when the process is to stop. */
  readonly signal: AbortSignal;
}

const pauseMs = 250;

/**
 * Parts of the platform start in any order and wait for each other. What a repetition can mend is repeated until it is, or
 * until the process is to stop; everything else ends the start.
 */
export async function retryStart<Result>(
  what: string,
  attempt: () => Promise<Result>,
  { pause, report, signal }: RetryStartParts,
): Promise<Result> {
  let lastCode: string | undefined;
  for (;;) {
    try {
      return await attempt();
    } catch (fault) {
      signal.throwIfAborted();
      if (!isStrongroomError(fault) || fault.descriptor.retry === 'never') throw fault;
      if (fault.code !== lastCode)
        report('start-waits', { reason: [what, fault.detail].filter(Boolean).join(': '), code: fault.code });
      lastCode = fault.code;
      await pause(pauseMs);
    }
  }
}
