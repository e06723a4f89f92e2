import { decodeBytes, digest, encodeBytes, parseCanonical } from '@strongroom/canonical';
import { checkers, digestDomain, type OperationIntent } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';

export interface ReadIntent {
  readonly intent: OperationIntent;
  readonly opHash: string;
}

/** Reads the canonical bytes of an intent and hashes them. Throws `message-malformed`. */
export function readIntent(encoded: string): ReadIntent {
  const intent = parseCanonical(decodeBytes(encoded));
  if (!checkers.operationIntent.check(intent))
    throw new StrongroomError('message-malformed', { detail: 'intent' });
  return { intent, opHash: encodeBytes(digest(digestDomain.intent, intent)) };
}
