/** The clockwork: opens the log as soon as a witness answers, then has a checkpoint signed each second when it grew. */
import type { Component } from '@strongroom/lifecycle';

export interface UpkeepOptions {
  readonly openLog: () => Promise<number>;
  readonly signCheckpoint: () => Promise<number>;
  readonly report: (event: string, fields: { epoch?: number; size?: number; error?: unknown }) => void;
}

const checkpointMs = 1_000;
const retryMs = 200;

export function makeUpkeep({ openLog, signCheckpoint, report }: UpkeepOptions): Component {
  let timer: NodeJS.Timeout | undefined;
  let isOpen = false;
  let isStopped = false;
  let lastFault: string | undefined;
  let round: Promise<void> = Promise.resolve();

  const attempt = async (): Promise<number> => {
    try {
      if (isOpen) {
        await signCheckpoint();
      } else {
        report('log-opened', { epoch: await openLog() });
        isOpen = true;
      }
      lastFault = undefined;
      return checkpointMs;
    } catch (error) {
      // One line for each change, not for each try.
      const fault = String((error as { code?: unknown }).code);
      if (fault !== lastFault) report(isOpen ? 'checkpoint-waits' : 'log-not-open', { error });
      lastFault = fault;
      return isOpen ? checkpointMs : retryMs;
    }
  };
  const run = async (): Promise<void> => {
    const delayMs = await attempt();
    if (isStopped) return;
    timer = setTimeout(() => {
      round = run();
    }, delayMs);
  };
  return {
    name: 'upkeep',
    start: () => {
      round = run();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}
