/** The worker's side of a message that is sealed to its public key. */
import type { OperationMessage, ReplyMessage, RoutingHeader } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { SecretBytes } from '@strongroom/secret';
import { type Frame, frameKind, joinFrame } from './frame.ts';
import { decodeMessage } from './message.ts';
import { decapsulateRequest, type RecipientExchange } from './oblivious.ts';
import { encodeReply, replyHead } from './reply.ts';
import { requestHash } from './request-hash.ts';
import { parseHpkeHeader, routingOf } from './request-header.ts';
import { type SealingPrivateKey, sealedProtocol } from './sealing-key.ts';
import { sessionSecretBytes, sessionSecretLabel } from './session-keys.ts';

/** A request that is authentic as far as its encryption goes. Who asks, and whether in time, is for the worker to check. */
export interface OpenedRequest {
  readonly routing: RoutingHeader;
  readonly message: OperationMessage;
  /** As `requestHash` of routing, operation and parameters. */
  readonly hash: Uint8Array;
  /** A frame that only the caller of this request can open. Every call draws fresh randomness. */
  sealReply(reply: ReplyMessage): Uint8Array;
}

export interface OpenedHpkeRequest extends OpenedRequest {
  /** Present exactly when the message asks for a session; whoever takes it disposes of it. */
  readonly sessionSecret?: SecretBytes;
}

/** The private key of an epoch that is in force, `undefined` for all others. */
export type PrivateKeyOf = (
  epoch: number,
) => SealingPrivateKey | undefined | Promise<SealingPrivateKey | undefined>;

/** Throws `message-malformed` or `sealing-key-unknown`. */
export async function openRequest(frame: Frame, privateKeyOf: PrivateKeyOf): Promise<OpenedHpkeRequest> {
  if (frame.kind !== frameKind.hpkeRequest) {
    throw new StrongroomError('message-malformed', { detail: 'frame kind' });
  }
  const header = parseHpkeHeader(frame);
  const key = await privateKeyOf(header.sealedTo.epoch);
  if (key === undefined) throw new StrongroomError('sealing-key-unknown');
  const exchange = await decapsulate(frame, key);
  const routing = routingOf(header);
  const message = decodeMessage(exchange.request, routing);
  exchange.request.fill(0);
  return {
    routing,
    message,
    hash: requestHash(routing, message.operation, message.params),
    sealReply: (reply) => sealReply(exchange, routing.requestId, reply),
    ...(message.openSession === true ? { sessionSecret: await exportSessionSecret(exchange) } : {}),
  };
}

/**
 * A key that is not ours and a message that was changed fail alike (RFC 9180 section 9.1 wants it so). The answer asks the
 * caller to fetch the keys again: that mends a caller from before a restore, and costs one that was tampered with nothing.
 */
async function decapsulate(frame: Frame, key: SealingPrivateKey): Promise<RecipientExchange> {
  try {
    return await decapsulateRequest(sealedProtocol, key.keyId, key.keys, frame.body, frame.head);
  } catch (cause) {
    throw new StrongroomError('sealing-key-unknown', { detail: 'the seal does not open', cause });
  }
}

function sealReply(exchange: RecipientExchange, requestId: string, reply: ReplyMessage): Uint8Array {
  const head = replyHead(frameKind.hpkeReply, requestId);
  const plaintext = encodeReply(reply);
  const sealed = exchange.sealResponse(plaintext, head);
  plaintext.fill(0);
  return joinFrame(head, sealed);
}

async function exportSessionSecret(exchange: RecipientExchange): Promise<SecretBytes> {
  return SecretBytes.adopt(await exchange.exportSecret(sessionSecretLabel, sessionSecretBytes));
}
