/**
 * The crypto worker that holds the log key: certifies receipt keys and signs checkpoints, the latter only when the tree
 * extends the last one that it signed. Both methods may be repeated; both throw `worker-unavailable`, `bus-unavailable`,
 * `deadline-exceeded`, `reply-invalid` or what the worker refuses with.
 */
import type { CertifyRequest, SignedStatement, WitnessReply, WitnessRequest } from '@strongroom/contracts';

export interface Witness {
  certify(request: CertifyRequest): Promise<SignedStatement>;
  sign(request: WitnessRequest): Promise<WitnessReply>;
}
