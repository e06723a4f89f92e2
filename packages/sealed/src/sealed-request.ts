/** The caller's side of a message that is sealed to a worker's public key. */
import { canonicalText } from '@strongroom/canonical';
import type { ReplyMessage, RoutingHeader } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { SecretBytes } from '@strongroom/secret';
import { frameHead, frameKind, joinFrame } from './frame.ts';
import { encodeMessage, type SealedContent } from './message.ts';
import { encapsulateRequest, type SenderExchange } from './oblivious.ts';
import { decodeReply, decodeReplyFrame } from './reply.ts';
import { importPublicKey, type SealingPublicKey, sealedProtocol } from './sealing-key.ts';
import { sessionSecretBytes, sessionSecretLabel } from './session-keys.ts';

export interface SealRequestInput {
  /** From a statement that was verified: sealing to a key that a carrier made up tells the carrier everything. */
  readonly key: SealingPublicKey;
  readonly routing: RoutingHeader;
  readonly message: SealedContent;
}

export interface SealedRequest {
  readonly frame: Uint8Array;
  /** Throws `reply-invalid` unless the worker that opened this request made the frame, whole and for this request id. */
  openReply(frame: Uint8Array): Promise<ReplyMessage>;
  /** What the session grows from when the reply grants one; only the worker that opened this request can derive it. */
  sessionSecret(): Promise<SecretBytes>;
}

/** Throws `request-invalid` or `message-too-large`. */
export async function sealRequest(input: SealRequestInput): Promise<SealedRequest> {
  const { key, routing, message } = input;
  const head = frameHead(
    frameKind.hpkeRequest,
    canonicalText({ ...routing, sealedTo: { epoch: key.epoch } }),
  );
  const plaintext = encodeMessage({ ...message, routing });
  const publicKey = await importPublicKey(key.publicKey);
  const exchange = await encapsulateRequest(sealedProtocol, key.keyId, publicKey, plaintext, head);
  plaintext.fill(0);
  return {
    frame: joinFrame(head, exchange.encapsulated),
    openReply: (frame) => openReply(exchange, routing.requestId, frame),
    sessionSecret: async () =>
      SecretBytes.adopt(await exchange.exportSecret(sessionSecretLabel, sessionSecretBytes)),
  };
}

async function openReply(
  exchange: SenderExchange,
  requestId: string,
  bytes: Uint8Array,
): Promise<ReplyMessage> {
  const { head, body } = decodeReplyFrame(bytes, frameKind.hpkeReply, requestId);
  return decodeReply(await openBody(exchange, body, head), requestId);
}

async function openBody(exchange: SenderExchange, body: Uint8Array, head: Uint8Array): Promise<Uint8Array> {
  try {
    return await exchange.openResponse(body, head);
  } catch (cause) {
    throw new StrongroomError('reply-invalid', { detail: 'the seal does not open', cause });
  }
}
