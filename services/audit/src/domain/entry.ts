/** An entry and its leaf. The canonical text is put together from that of the body, so no body is encoded twice. */

import { createHash } from 'node:crypto';
import { type CanonicalValue, canonicalText } from '@strongroom/canonical';
import type { EntryBody, EntryPlacement } from '@strongroom/contracts';

export interface ReceivedBody {
  readonly body: EntryBody;
  readonly text: string;
  /** SHA-256 of the canonical bytes; what the worker signed. */
  readonly hash: Uint8Array;
}

export function receiveBody(body: EntryBody): ReceivedBody {
  const text = canonicalText(body as unknown as CanonicalValue);
  return { body, text, hash: createHash('sha256').update(text).digest() };
}

/** Canonical bytes of `{ body, placement }`: the leaf data. */
export function leafData(received: ReceivedBody, placement: EntryPlacement): Uint8Array {
  const placed = canonicalText(placement as unknown as CanonicalValue);
  return Buffer.from(`{"body":${received.text},"placement":${placed}}`);
}

/** (actor, request id, phase): unique in the log for ever. */
export const uniqueKey = ({ actor, requestId, phase }: EntryBody): string =>
  `${actor.id} ${requestId} ${phase}`;
