/** What a mutation answered, as the registry keeps it: the reply, and the entry that the log must hold for it. */
import {
  type CanonicalValue,
  canonicalBytes,
  digest,
  encodeBytes,
  parseCanonical,
} from '@strongroom/canonical';
import { digestDomain, type EntryBody } from '@strongroom/contracts';
import type { Params } from '../../domain/subject.ts';
import type { StoredOutcome } from '../../ports/registry.ts';
import type { Outcome, Reply } from './passage.ts';

export interface StoredReply {
  readonly reply: Reply;
  readonly body: EntryBody;
}

function encodeStoredReply({ reply, body }: StoredReply): Uint8Array {
  return canonicalBytes({ reply, body } as unknown as CanonicalValue);
}

/** Only of what the registry opened: its encryption vouches for the shape. */
export function decodeStoredReply({ reply }: StoredOutcome): StoredReply {
  return parseCanonical(reply, { bytesMax: Number.POSITIVE_INFINITY }) as unknown as StoredReply;
}

/**
 * What makes two requests of one id the same: operation and parameters. Not the routing, because whoever repeats a request
 * after a minute must give it a new `notAfter`.
 */
export function repetitionHash(operation: string, params: Params): string {
  return encodeBytes(digest(digestDomain.repetition, { operation, params } as unknown as CanonicalValue));
}

export function storedOutcome(
  { actor, requestId, requestHash }: Omit<StoredOutcome, 'reply'>,
  { reply, body }: Outcome & { readonly body: EntryBody },
): StoredOutcome {
  return { actor, requestId, requestHash, reply: encodeStoredReply({ reply, body }) };
}
