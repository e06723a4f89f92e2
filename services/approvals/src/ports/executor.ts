/** Hands an approved operation to a crypto worker, which checks all evidence again. */
import type { Certificate, ExecuteReply } from '@strongroom/contracts';

export interface Executor {
  /**
   * Idempotent by proposal. Throws `worker-unavailable`, `bus-unavailable` (nothing was done) or `deadline-exceeded`,
   * `outcome-unknown` (ask again: the worker answers with the first outcome).
   */
  execute(proposal: string, certificate: Certificate): Promise<ExecuteReply>;
}
