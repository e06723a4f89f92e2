import { CanonicalError, decodeBytes, digest, encodeBytes, parseCanonical } from '@strongroom/canonical';
import { checkers, digestDomain, type OperationIntent } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';

export interface ReadIntent {
  readonly intent: OperationIntent;
  readonly opHash: string;
}

/** Reads the canonical bytes of an intent and hashes them. Throws `message-malformed`. */
export function readIntent(encoded: string): ReadIntent {
  try {
    const value = parseCanonical(decodeBytes(encoded));
    const opHash = encodeBytes(digest(digestDomain.intent, value));
    const intent: unknown = value;
    if (checkers.operationIntent.check(intent)) return { intent, opHash };
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
  }
  throw new StrongroomError('message-malformed', { detail: 'intent' });
}
