/** The caller's side of a sealed session. */
import { canonicalText, decodeBytes } from '@strongroom/canonical';
import type { ReplyMessage, RoutingHeader, SessionGrant } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { SecretBytes } from '@strongroom/secret';
import { frameHead, frameKind, joinFrame } from './frame.ts';
import { encodeMessage, type SealedContent } from './message.ts';
import { decodeReply, decodeReplyFrame } from './reply.ts';
import { deriveSessionKeys, openSessionReply, type SessionKeys, sealSessionRequest } from './session-keys.ts';

/** What a session message may say: the ticket carries the proof, and a session can not prolong itself. */
export type SessionContent = Omit<SealedContent, 'proof' | 'openSession'>;

export interface SessionRequest {
  readonly frame: Uint8Array;
  /** Throws `reply-invalid` unless a worker made the frame for exactly this message of this session. */
  openReply(frame: Uint8Array): ReplyMessage;
}

/**
 * Counts its messages, so there must be one object for a session and it must not be stored: two that count from the same
 * state would encrypt two messages under one nonce. That is why the keys can not be taken out.
 */
export class ClientSession {
  readonly expiresAtMs: number;
  readonly #ticket: string;
  readonly #keys: SessionKeys;
  #counter = 0;

  /** Disposes of the secret. Throws `CanonicalError` for a ticket that is not base64url. */
  constructor(secret: SecretBytes, grant: SessionGrant) {
    this.expiresAtMs = Date.parse(grant.expiresAt);
    this.#ticket = grant.ticket;
    this.#keys = secret.use((bytes) => deriveSessionKeys(bytes, decodeBytes(grant.ticket)));
    secret.dispose();
  }

  /** Throws `request-invalid` or `message-too-large`. The counter is spent either way. */
  seal(routing: RoutingHeader, content: SessionContent): SessionRequest {
    const counter = this.#counter;
    this.#counter += 1;
    const { operation, params } = content;
    const session = { ticket: this.#ticket, counter };
    const head = frameHead(frameKind.sessionRequest, canonicalText({ ...routing, session }));
    const plaintext = encodeMessage({ routing, operation, params });
    const body = sealSessionRequest(this.#keys, counter, head, plaintext);
    plaintext.fill(0);
    return {
      frame: joinFrame(head, ...body),
      openReply: (frame) => this.#openReply(counter, routing.requestId, frame),
    };
  }

  #openReply(counter: number, requestId: string, bytes: Uint8Array): ReplyMessage {
    const { head, body } = decodeReplyFrame(bytes, frameKind.sessionReply, requestId);
    const plaintext = openSessionReply(this.#keys, counter, head, body);
    if (plaintext === undefined)
      throw new StrongroomError('reply-invalid', { detail: 'the seal does not open' });
    const reply = decodeReply(plaintext, requestId);
    plaintext.fill(0);
    return reply;
  }
}
