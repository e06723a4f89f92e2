/** Step 9. The answer in the form that only the caller can open, with a session where one was asked for. */
import type { SessionGrant } from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import type { Caller } from '../../domain/caller.ts';
import type { PublishStep } from '../../ports/steps.ts';
import type { Answer, Request } from './passage.ts';

export function makeSeal({ publish }: { readonly publish: PublishStep }) {
  return (request: Request, caller: Caller | undefined, { reply, entry }: Answer): Uint8Array => {
    const session = reply.status === 'refused' ? undefined : sessionFor(request, caller);
    const sealed = request.seal(reply, entry, session);
    publish('sealed', request.requestId, request.operation);
    return sealed;
  };
}

/** A refused request opens no session: it may be an old one that a carrier sent again. */
function sessionFor(request: Request, caller: Caller | undefined): SessionGrant | undefined {
  if (caller?.proofExpiresAtMs === undefined) return undefined;
  try {
    return request.grantSession?.(caller, caller.proofExpiresAtMs);
  } catch (fault) {
    // The proof ended meanwhile, or the HSM can not derive a ticket key. The operation is done; a session is a comfort.
    if (isStrongroomError(fault)) return undefined;
    throw fault;
  }
}
