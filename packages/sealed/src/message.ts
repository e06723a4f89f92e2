/** What is inside a sealed request, and the checks that it says the same as the envelope around it. */
import { CanonicalError, type CanonicalValue, canonicalBytes } from '@strongroom/canonical';
import { checkers, type OperationMessage, type RoutingHeader } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { isSameRouting } from './request-header.ts';
import { parseChecked } from './schema.ts';

/** A message without the routing header, which sealing repeats inside. */
export type SealedContent = Omit<OperationMessage, 'routing'>;

/** Throws `request-invalid` for parameters without a canonical form: null, fractions, lone surrogates. */
export function encodeMessage(message: OperationMessage): Uint8Array {
  try {
    return canonicalBytes(message as unknown as CanonicalValue);
  } catch (cause) {
    if (!(cause instanceof CanonicalError)) throw cause;
    throw new StrongroomError('request-invalid', { detail: cause.reason });
  }
}

/**
 * Throws `message-malformed`. The header is authenticated as associated data already; the comparison holds even for a
 * caller that sealed two different ones, so that what carriers routed and counted is what the worker carries out.
 */
export function decodeMessage(bytes: Uint8Array, routing: RoutingHeader): OperationMessage {
  const message = parseChecked(bytes, checkers.operationMessage, 'message-malformed', 'message');
  if (!isSameRouting(message.routing, routing)) {
    throw new StrongroomError('message-malformed', { detail: 'the header inside is not the one outside' });
  }
  return message;
}
