/**
 * What is inside a sealed reply, and its frame. The header carries the request id in the clear, so that carriers can match
 * and log; the id inside is what counts.
 */
import { type CanonicalValue, canonicalBytes, canonicalText, equalBytes } from '@strongroom/canonical';
import { checkers, type ReplyMessage } from '@strongroom/contracts';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { decodeFrame, type Frame, type FrameKind, frameHead, frameKind } from './frame.ts';
import { decodeRefusal, refusalError } from './refusal.ts';
import { parseChecked } from './schema.ts';

export function replyHead(kind: FrameKind, requestId: string): Uint8Array {
  return frameHead(kind, canonicalText({ v: 1, requestId }));
}

export function encodeReply(reply: ReplyMessage): Uint8Array {
  return canonicalBytes(reply as unknown as CanonicalValue);
}

/**
 * Throws `reply-invalid` unless the bytes are a frame of this kind with exactly the header that answers the request. For a
 * refusal in the place of a reply it throws the code that the refusal hints at.
 */
export function decodeReplyFrame(bytes: Uint8Array, kind: FrameKind, requestId: string): Frame {
  const frame = decodeOrInvalid(bytes);
  if (frame.kind === frameKind.refusal) throw refusalError(decodeRefusal(frame));
  if (frame.kind !== kind) throw new StrongroomError('reply-invalid', { detail: 'frame kind' });
  if (!equalBytes(replyHead(kind, requestId), frame.head)) {
    throw new StrongroomError('reply-invalid', { detail: 'the header answers another request' });
  }
  return frame;
}

/** Throws `reply-invalid`. */
export function decodeReply(bytes: Uint8Array, requestId: string): ReplyMessage {
  const reply = parseChecked(bytes, checkers.replyMessage, 'reply-invalid', 'reply');
  if (reply.requestId !== requestId) {
    throw new StrongroomError('reply-invalid', { detail: 'the reply answers another request' });
  }
  return reply;
}

function decodeOrInvalid(bytes: Uint8Array): Frame {
  try {
    return decodeFrame(bytes);
  } catch (cause) {
    if (!isStrongroomError(cause)) throw cause;
    throw new StrongroomError('reply-invalid', {
      ...(cause.detail === undefined ? {} : { detail: cause.detail }),
    });
  }
}
