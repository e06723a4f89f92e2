/**
 * Ends this process, and only this one, when its event loop has stood still for too long: a device's library that does
 * not return from a call holds the thread for ever, and no code on that thread can do anything about it. So another
 * thread watches a counter that the loop moves. Whoever runs the process starts it again; SIGALRM tells them why it ended.
 *
 * The watcher counts its own turns, not the clock: a process that was paused, or a machine that was, finds both threads
 * as it left them, and nobody is blamed.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Component } from './service.ts';
import { cell, cellCount, type WatchedMemory } from './watched-memory.ts';

export interface WatchdogOptions {
  /** The loop may stand still so long. */
  readonly silentMsMax: number;
  /** And so long while it does what is known to take its time. */
  readonly patientMsMax: number;
}

const ticksPerLimit = 8;

export class Watchdog implements Component {
  readonly name = 'watchdog';
  readonly #options: WatchdogOptions;
  readonly #memory = new SharedArrayBuffer(cellCount * Int32Array.BYTES_PER_ELEMENT);
  readonly #cells = new Int32Array(this.#memory);
  #thread: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#cells[cell.patience] = ticksPerLimit;
  }

  async start(): Promise<void> {
    const tickMs = this.#options.silentMsMax / ticksPerLimit;
    const workerData: WatchedMemory = { memory: this.#memory, pid: process.pid, tickMs };
    this.#thread = new Worker(new URL('./watchdog-thread.ts', import.meta.url), {
      workerData,
      env: {},
      execArgv: [],
    });
    await once(this.#thread, 'online');
    this.#thread.unref();
    this.#timer = setInterval(() => Atomics.add(this.#cells, cell.beats, 1), tickMs / 2).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#thread?.terminate();
  }

  /** Runs work that may hold the thread for longer than usual without being hung. */
  readonly patiently = <Result>(work: () => Result): Result => {
    const { silentMsMax, patientMsMax } = this.#options;
    const before = Atomics.exchange(
      this.#cells,
      cell.patience,
      Math.ceil((patientMsMax / silentMsMax) * ticksPerLimit),
    );
    try {
      return work();
    } finally {
      Atomics.add(this.#cells, cell.beats, 1);
      Atomics.store(this.#cells, cell.patience, before);
    }
  };

  /** The process is beyond help though its loop turns: a call that hangs on another thread holds the library. */
  readonly end = (): void => {
    Atomics.store(this.#cells, cell.verdict, 1);
  };
}
