/** The log, over the bus. What it answers to an append is believed only as far as its receipts prove it. */
import { hash } from 'node:crypto';
import type { Bus } from '@strongroom/bus';
import {
  CanonicalError,
  type CanonicalValue,
  canonicalBytes,
  canonicalText,
  digestBytes,
  encodeBytes,
  parseCanonical,
} from '@strongroom/canonical';
import {
  type Checker,
  checkers,
  digestDomain,
  type EntryBody,
  type SignedStatement,
  subjects,
} from '@strongroom/contracts';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { AuditLog } from '../../ports/audit-log.ts';
import { AppendQueue } from './append-queue.ts';
import type { Placed, ReceiptCheck, SentBody } from './receipt-check.ts';

export interface BusAuditLogParts {
  readonly bus: Pick<Bus, 'request'>;
  /** The certified key of this process. */
  readonly signer: { statement(): SignedStatement; sign(digest: Uint8Array): Uint8Array };
  readonly receipts: ReceiptCheck;
}

/**
 * A log that stands still gives signs of life for 60 ms more; with that, the sweep of the bus and the work on both sides an
 * operation learns within 250 ms that the log is silent.
 */
const silentMs = 120;
/** For a log that is busy and says so. */
const appendDeadlineMs = 2_000;
const readDeadlineMs = 9_000;
const entriesMax = 256;
const messageBytesMax = 512 * 1024;
/** Less than the log takes, so that one large entry is refused here and not all that travel with it there. */
const bodyBytesMax = 60_000;
const underWayMax = 2;
const replyBytesMax = 4 * 1_048_576;

interface Outgoing extends SentBody {
  /** SHA-256 of the canonical bytes. */
  readonly hash: Uint8Array;
}

export class BusAuditLog implements AuditLog {
  readonly #parts: BusAuditLogParts;
  readonly #queue: AppendQueue<Outgoing>;

  constructor(parts: BusAuditLogParts) {
    this.#parts = parts;
    this.#queue = new AppendQueue({
      itemsMax: entriesMax,
      bytesMax: messageBytesMax,
      underWayMax,
      bytesOf: ({ text }) => text.length,
      send: (bodies) => this.#send(bodies),
    });
  }

  append(body: EntryBody): Promise<number> {
    const text = canonicalText(body as unknown as CanonicalValue);
    if (Buffer.byteLength(text, 'utf8') > bodyBytesMax)
      return Promise.reject(new StrongroomError('message-too-large', { detail: 'entry of the log' }));
    return this.#queue.add({
      text,
      hash: hash('sha256', text, 'buffer'),
      objects: body.objects.length,
    });
  }

  query: AuditLog['query'] = (request) =>
    this.#ask(
      subjects.auditQuery,
      canonicalBytes(request as CanonicalValue),
      checkers.auditQueryReply,
      readDeadlineMs,
    );

  count: AuditLog['count'] = (request) =>
    this.#ask(
      subjects.auditCount,
      canonicalBytes(request as CanonicalValue),
      checkers.auditCountReply,
      readDeadlineMs,
    );

  export: AuditLog['export'] = (request) =>
    this.#ask(
      subjects.auditExport,
      canonicalBytes(request as CanonicalValue),
      checkers.auditExportReply,
      readDeadlineMs,
    );

  planRetention: AuditLog['planRetention'] = (request) =>
    this.#ask(
      subjects.auditRetention,
      canonicalBytes(request as CanonicalValue),
      checkers.retentionPlanReply,
      readDeadlineMs,
    );

  async #send(bodies: readonly Outgoing[]): Promise<readonly (number | StrongroomError)[]> {
    const { signer, receipts } = this.#parts;
    const signature = encodeBytes(
      signer.sign(digestBytes(digestDomain.append, ...bodies.map(({ hash }) => hash))),
    );
    // The bodies are canonical text already, and the names of the members are in order.
    const texts = bodies.map(({ text }) => text).join(',');
    const worker = canonicalText(signer.statement() as unknown as CanonicalValue);
    const message = Buffer.from(
      `{"bodies":[${texts}],"signature":"${signature}","worker":${worker}}`,
      'utf8',
    );
    const reply = await this.#ask(subjects.auditAppend, message, checkers.appendReply, appendDeadlineMs);
    return receipts.check(reply, bodies).map(resultOf);
  }

  async #ask<Reply>(
    subject: string,
    bytes: Uint8Array,
    checker: Checker<Reply>,
    deadlineMs: number,
  ): Promise<Reply> {
    const reply = readAnswer(await this.#request(subject, bytes, deadlineMs));
    if (checker.check(reply)) return reply;
    // An answer to an append is a promise or nothing; one to a question is only no answer.
    const code = subject === subjects.auditAppend ? 'receipt-invalid' : 'audit-unavailable';
    throw new StrongroomError(code, { detail: `answer: ${checker.problemOf(reply)}` });
  }

  async #request(subject: string, bytes: Uint8Array, deadlineMs: number): Promise<Uint8Array> {
    try {
      const silence =
        subject === subjects.auditAppend ? ({ silentCode: 'audit-unavailable', silentMs } as const) : {};
      return await this.#parts.bus.request(subject, bytes, {
        deadlineMs,
        absentCode: 'audit-unavailable',
        ...silence,
      });
    } catch (cause) {
      const { code, detail } = isStrongroomError(cause) ? cause : { code: 'internal', detail: undefined };
      if (code === 'request-invalid' && subject !== subjects.auditAppend) throw cause;
      throw new StrongroomError('audit-unavailable', {
        detail: [code, detail].filter(Boolean).join(': '),
        retryAfterMs: 1_000,
        cause,
      });
    }
  }
}

function resultOf(placed: Placed): number | StrongroomError {
  return placed.status === 'placed' ? placed.index : new StrongroomError('request-replayed');
}

/** `undefined`, which fits no schema, for what is not canonical. */
function readAnswer(bytes: Uint8Array): unknown {
  try {
    return parseCanonical(bytes, { bytesMax: replyBytesMax });
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
    return undefined;
  }
}
