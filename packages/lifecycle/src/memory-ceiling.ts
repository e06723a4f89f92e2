/**
 * Asks for the end of this process when it holds more memory than it should: some libraries lose a little with every call,
 * and nothing inside the process gets that back. Whoever runs the process starts it again. The turn is asked for first, so
 * that processes which share their work and grow alike do not leave together.
 */
import process from 'node:process';
import type { Component } from './service.ts';

export interface MemoryCeilingOptions {
  readonly residentBytesMax: number;
  readonly everyMs: number;
  /** Whether this process may go now; asked again at the next look. A fault counts as no. */
  readonly mayLeave: () => Promise<boolean>;
  readonly leave: () => void;
  readonly residentBytes?: () => number;
}

export class MemoryCeiling implements Component {
  readonly name = 'memory-ceiling';
  readonly #options: MemoryCeilingOptions;
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;

  constructor(options: MemoryCeilingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), this.#options.everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { residentBytesMax, residentBytes = process.memoryUsage.rss, mayLeave, leave } = this.#options;
    if (this.#isAsking || residentBytes() <= residentBytesMax) return;
    this.#isAsking = true;
    const isMyTurn = await mayLeave().catch(() => false);
    this.#isAsking = false;
    if (!isMyTurn) return;
    this.stop();
    leave();
  }
}
