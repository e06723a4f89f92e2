/**
 * How many requests are under way. Above the bound the caller hears so at once instead of waiting in a queue that
 * nobody sees: measured, latency beyond about 64 in flight a core is pure queueing. Management keeps places of its own,
 * so that a flood of data operations never locks out the people who must act.
 */
import type { OperationClass } from '@strongroom/contracts';

export interface InFlightBounds {
  readonly crypto: number;
  readonly manage: number;
}

export class InFlight {
  readonly #bounds: InFlightBounds;
  readonly #counts = { crypto: 0, manage: 0 };

  constructor(bounds: InFlightBounds) {
    this.#bounds = bounds;
  }

  /** Takes a place; the caller must give it back with `leave`. `false`: none is free. */
  enter(lane: OperationClass): boolean {
    if (this.#counts[lane] >= this.#bounds[lane]) return false;
    this.#counts[lane] += 1;
    return true;
  }

  leave(lane: OperationClass): void {
    this.#counts[lane] -= 1;
  }

  get count(): number {
    return this.#counts.crypto + this.#counts.manage;
  }
}
