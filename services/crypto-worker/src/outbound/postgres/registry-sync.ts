/** Keeps a registry current: a look at the head every 200 ms, and the purge of what has expired. */
import { isStrongroomError } from '@strongroom/errors';
import { RepeatedTask } from '../repeated-task.ts';
import type { PostgresRegistry } from './postgres-registry.ts';

export interface RegistrySyncOptions {
  readonly registry: Pick<PostgresRegistry, 'poll' | 'purgeOutcomes'>;
  /** What no reader of the registry would notice. */
  readonly onError: (error: unknown) => void;
  readonly pollEveryMs?: number;
  readonly purgeEveryMs?: number;
}

/** The registry itself refuses, and has alerted, while one of these lasts. */
const noticedByReaders: readonly string[] = ['registry-rolled-back', 'database-unavailable'];

export class RegistrySync {
  readonly #poll: RepeatedTask;
  readonly #purge: RepeatedTask;

  constructor({ registry, onError, pollEveryMs = 200, purgeEveryMs = 60_000 }: RegistrySyncOptions) {
    const onPollError = (error: unknown) => {
      if (!isStrongroomError(error) || !noticedByReaders.includes(error.code)) onError(error);
    };
    this.#poll = new RepeatedTask({
      everyMs: pollEveryMs,
      task: () => registry.poll(),
      onError: onPollError,
    });
    const purge = async () => {
      await registry.purgeOutcomes();
    };
    this.#purge = new RepeatedTask({ everyMs: purgeEveryMs, task: purge, onError });
  }

  start(): void {
    this.#poll.start();
    this.#purge.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#poll.stop(), this.#purge.stop()]);
  }
}
