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
import { encodeReply, replyHead } from './reply.ts';
import { requestHashOf } from './request-hash.ts';
import { parseSessionHeader, routingOf } from './request-header.ts';
import { deriveSessionKeyOctets, openSessionRequest, sealSessionReply } from './session-keys.ts';
import { SessionSlots } from './session-slots.ts';
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
  readonly slot: number;
}

export interface SessionTableOptions {
  readonly tickets: TicketBox;
  readonly nowMs?: () => number;
  /** Default 16,384: up to 16 MiB, since one takes less than 1 KiB. */
  readonly sessionsMax?: number;
}

export class SessionTable {
  /** By the end of the ticket, in the order of first use, which is about the order of expiry. */
  readonly #rows = new Map<string, Row>();
  readonly #slots = new SessionSlots();
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
    const keys = this.#slots.keys(row.slot);
    const plaintext = openSessionRequest(keys, counter, frame.head, frame.body);
    if (plaintext === undefined)
      throw new StrongroomError('message-malformed', { detail: 'the seal does not open' });
    // Only now: whoever can not seal must not be able to use up counters.
    if (!this.#slots.accept(row.slot, counter)) throw new StrongroomError('request-replayed');
    const routing = routingOf(header);
    const message = decodeMessage(plaintext, routing);
    const hash = requestHashOf(plaintext);
    plaintext.fill(0);
    if (message.proof !== undefined || message.openSession !== undefined) {
      throw new StrongroomError('message-malformed', {
        detail: 'a session message shows no proof of its own',
      });
    }
    return {
      routing,
      message,
      hash,
      session: row.session,
      sealReply: (reply) => {
        const head = replyHead(frameKind.sessionReply, routing.requestId);
        const bytes = encodeReply(reply);
        const body = sealSessionReply(keys, counter, head, bytes);
        bytes.fill(0);
        return joinFrame(head, ...body);
      },
    };
  }

  #find(ticket: string): Row {
    const name = endOf(ticket);
    const known = this.#rows.get(name);
    if (known === undefined) return this.#admit(ticket);
    if (known.session.expiresAtMs > this.#nowMs()) return known;
    this.#forget(name, known);
    throw new StrongroomError('session-ended');
  }

  #admit(ticket: string): Row {
    const { claims, expiresAtMs, secret } = this.#tickets.open(ticket);
    this.#makeRoom();
    const octets = secret.use((bytes) => deriveSessionKeyOctets(bytes, decodeBytes(ticket)));
    secret.dispose();
    const slot = this.#slots.take(octets);
    octets.fill(0);
    const row: Row = { session: { id: ticketId(ticket), claims, expiresAtMs }, slot };
    this.#rows.set(flat(endOf(ticket)), row);
    return row;
  }

  #forget(name: string, { slot }: Row): void {
    this.#rows.delete(name);
    this.#slots.release(slot);
  }

  /** Drops what has expired at the head of the queue, and the oldest session if that was not enough. */
  #makeRoom(): void {
    const nowMs = this.#nowMs();
    for (const [name, row] of this.#rows) {
      if (row.session.expiresAtMs > nowMs && this.#rows.size < this.#sessionsMax) return;
      this.#forget(name, row);
    }
  }
}

/**
 * The tag of a ticket and a few octets before it: as good a name as the whole, in a twentieth of the space. A ticket with this
 * end and another beginning leads to the keys of this one, and to nothing, because the message binds the whole ticket.
 */
const endOf = (ticket: string): string => ticket.slice(-32);

/** A copy: a slice of a string keeps all of it in memory. */
const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');
