/** The worker that certifies receipt keys and signs checkpoints. Throws `worker-unavailable` and the worker's refusals. */
import type { CertifyRequest, SignedStatement, WitnessReply, WitnessRequest } from '@strongroom/contracts';

export interface Witness {
  certify(request: CertifyRequest): Promise<SignedStatement>;
  sign(request: WitnessRequest): Promise<WitnessReply>;
}
