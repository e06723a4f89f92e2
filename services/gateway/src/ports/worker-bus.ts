/**
 * The way to the crypto workers. Throws `worker-unavailable` (nobody serves the pool; nothing was done),
 * `bus-unavailable`, `overloaded`, or `deadline-exceeded` (the outcome is unknown), and for a frame also `worker-silent`
 * (whoever took it stands still or is gone; the outcome is unknown), and for keys, which changes nothing,
 * `hsm-unavailable`.
 */
import type { OperationClass } from '@strongroom/contracts';

export interface WorkerBus {
  /** Carries a frame to a worker of the pool and brings its answer, both opaque. */
  carry(
    route: { readonly class: OperationClass; readonly pool: string },
    frame: Uint8Array,
    deadlineMs: number,
  ): Promise<Uint8Array>;
  /** Canonical bytes of the `SealingKeys` message. */
  sealingKeys(pool: string, deadlineMs: number): Promise<Uint8Array>;
}
