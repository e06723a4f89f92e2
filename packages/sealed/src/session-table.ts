/**
 * The worker's side of sealed sessions. The table is a cache: every session can be rebuilt from its ticket, so a worker
 * that starts, or that a message reaches for the first time, goes on where another left off. What it does hold alone is the
 * replay window. A replay that another worker answers, or that comes after an eviction, is harmless by other means: the
 * registry carries a mutation out once for its request id, and only the first caller can open the reply to a read.
 */
import { decodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { type Frame, frameKind, joinFrame } from './frame.ts';
import { decodeMessage } from './message.ts';
import type { OpenedRequest } from './open-request.ts';
import { ReplayWindow } from './replay-window.ts';
import { encodeReply, replyHead } from './reply.ts';
import { parseSessionHeader, routingOf } from './request-header.ts';
import { deriveSessionKeys, openSessionRequest, type SessionKeys, sealSessionReply } from './session-keys.ts';
import { type SessionClaims, type TicketBox, ticketId } from './ticket.ts';

export interface WorkerSession {
  /** Of the ticket; names the session in logs and in caches of decisions. */
  readonly id: string;
  readonly claims: SessionClaims;
  readonly expiresAtMs: number;
}

export interface OpenedSessionRequest extends OpenedRequest {
  readonly session: WorkerSession;
}

interface Row {
  readonly session: WorkerSession;
  readonly keys: SessionKeys;
  readonly window: ReplayWindow;
}

export interface SessionTableOptions {
  readonly tickets: TicketBox;
  readonly nowMs?: () => number;
  /** Default 16,384, about 16 MiB. */
  readonly sessionsMax?: number;
}

export class SessionTable {
  /** By the whole ticket, in the order of first use, which is about the order of expiry. */
  readonly #rows = new Map<string, Row>();
  readonly #tickets: TicketBox;
  readonly #nowMs: () => number;
  readonly #sessionsMax: number;

  constructor(options: SessionTableOptions) {
    this.#tickets = options.tickets;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#sessionsMax = options.sessionsMax ?? 16_384;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Synchronous. Throws `message-malformed`, `session-ended` or `request-replayed`. */
  open(frame: Frame): OpenedSessionRequest {
    if (frame.kind !== frameKind.sessionRequest) {
      throw new StrongroomError('message-malformed', { detail: 'frame kind' });
    }
    const header = parseSessionHeader(frame);
    const { ticket, counter } = header.session;
    const row = this.#find(ticket);
    const plaintext = openSessionRequest(row.keys, counter, frame.head, frame.body);
    if (plaintext === undefined)
      throw new StrongroomError('message-malformed', { detail: 'the seal does not open' });
    // Only now: whoever can not seal must not be able to use up counters.
    if (!row.window.accept(counter)) throw new StrongroomError('request-replayed');
    const routing = routingOf(header);
    const message = decodeMessage(plaintext, routing);
    plaintext.fill(0);
    if (message.proof !== undefined || message.openSession !== undefined) {
      throw new StrongroomError('message-malformed', {
        detail: 'a session message shows no proof of its own',
      });
    }
    return {
      routing,
      message,
      session: row.session,
      sealReply: (reply) => {
        const head = replyHead(frameKind.sessionReply, routing.requestId);
        const bytes = encodeReply(reply);
        const body = sealSessionReply(row.keys, counter, head, bytes);
        bytes.fill(0);
        return joinFrame(head, ...body);
      },
    };
  }

  #find(ticket: string): Row {
    const known = this.#rows.get(ticket);
    if (known === undefined) return this.#admit(ticket);
    if (known.session.expiresAtMs > this.#nowMs()) return known;
    this.#rows.delete(ticket);
    throw new StrongroomError('session-ended');
  }

  #admit(ticket: string): Row {
    const { claims, expiresAtMs, secret } = this.#tickets.open(ticket);
    const keys = secret.use((bytes) => deriveSessionKeys(bytes, decodeBytes(ticket)));
    secret.dispose();
    const session = { id: ticketId(ticket), claims, expiresAtMs };
    const row: Row = { session, keys, window: new ReplayWindow() };
    this.#makeRoom();
    this.#rows.set(ticket, row);
    return row;
  }

  /** Drops what has expired at the head of the queue, and the oldest session if that was not enough. */
  #makeRoom(): void {
    const nowMs = this.#nowMs();
    for (const [ticket, row] of this.#rows) {
      if (row.session.expiresAtMs > nowMs && this.#rows.size < this.#sessionsMax) return;
      this.#rows.delete(ticket);
    }
  }
}
