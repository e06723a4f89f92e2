/** The worker that knows which sinks there are. Throws what `Witness` throws. */
import type { SinksReply, SinksRequest } from '@strongroom/contracts';

export interface SinkDirectory {
  ask(request: SinksRequest): Promise<SinksReply>;
}
