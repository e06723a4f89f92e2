/** What a mutation answered, as the registry keeps it: the reply, and the entry that the log must hold for it. */
import { type CanonicalValue, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import type { EntryBody } from '@strongroom/contracts';
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

export function storedOutcome(
  { actor, requestId, requestHash }: Omit<StoredOutcome, 'reply'>,
  { reply, body }: Outcome & { readonly body: EntryBody },
): StoredOutcome {
  return { actor, requestId, requestHash, reply: encodeStoredReply({ reply, body }) };
}
