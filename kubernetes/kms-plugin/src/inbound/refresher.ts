/** Keeps the status fresh in the background. The first round starts at once and does not hold the start of the socket. */

import type { StrongroomError } from '@strongroom/errors';
import type { Component } from '@strongroom/lifecycle';
import type { makeRefreshStatus } from '../app/refresh-status.ts';
import type { ProviderStatus } from '../domain/provider-status.ts';

export interface RefresherOptions {
  readonly refresh: ReturnType<typeof makeRefreshStatus>;
  readonly status: ProviderStatus;
  readonly everyMs: number;
  readonly nowMs: () => number;
  readonly report: (failure: StrongroomError | undefined) => void;
}

/** While something fails the next try comes sooner, and ever later: each is an entry of the log. */
const retryMs = 500;

export function makeRefresher({ refresh, status, everyMs, nowMs, report }: RefresherOptions): Component {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let failures = 0;
  let round: Promise<void> = Promise.resolve();
  const run = async (): Promise<void> => {
    const failure = await refresh();
    report(failure);
    if (isStopped) return;
    failures = failure === undefined ? 0 : failures + 1;
    const delayMs = failure === undefined ? everyMs : Math.min(everyMs, retryMs * 2 ** (failures - 1));
    timer = setTimeout(() => {
      round = run();
    }, delayMs);
  };
  return {
    name: 'kek',
    start: () => {
      round = run();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await round;
    },
    unready: () => {
      const answer = status.answer(nowMs());
      return answer.kind === 'healthy' ? undefined : answer.cause;
    },
  };
}
