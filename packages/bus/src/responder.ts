/**
 * The other end of the multiplexer: takes messages of requests, hands each request to a handler, and sends the answers
 * of one turn of the event loop that go to the same requester as one message. Of what takes longer it says now and then
 * that it is still at it, so that a requester can tell work from a process that stands still or is gone.
 */
import { StrongroomError } from '@strongroom/errors';
import { encodeError } from './coded-error.ts';
import { FairTurns } from './fair-turns.ts';
import { decodeFrame, encodeFrame, type FrameProblem, type FrameRecord, recordBytes } from './frame.ts';
import { inBatches } from './in-batches.ts';
import {
  clockSkewMsMaxDefault,
  inFlightMaxDefault,
  recordBytesMax,
  signEveryMsDefault,
  signEveryMsMin,
} from './limits.ts';
import type { Transport, TransportMessage, TransportSubscription } from './transport.ts';

export interface RequestContext {
  readonly subject: string;
  /** What is left of the requester's deadline when the request is taken up. */
  readonly deadlineMs: number;
}

/** `bytes` is a view into the message: copy what is kept. What is thrown travels back as its code. */
export type RequestHandler = (bytes: Uint8Array, context: RequestContext) => Promise<Uint8Array>;

export type ResponderDrop = FrameProblem | 'reply-subject' | 'expired' | 'answer-lost';

export interface ResponderOptions {
  readonly transport: Transport;
  readonly subject: string;
  /** Instances with the same queue share the requests; with `null` each gets all. */
  readonly queue: string | null;
  readonly handler: RequestHandler;
  readonly inFlightMax?: number | undefined;
  readonly signs?: SignsOfLife | undefined;
  readonly clockSkewMsMax?: number | undefined;
  readonly onDropped: (reason: ResponderDrop) => void;
}

export interface SignsOfLife {
  /** At least 40. */
  readonly everyMs: number;
  /** Whether the work goes on; while it does not, no sign is given. */
  readonly isMoving: () => boolean;
}

/**
 * Answers go to inboxes only. The server lets a responder publish wherever a request says that it wants its answer, so
 * without this a requester could make us publish on subjects that it may not use itself.
 */
const inboxPattern = /^_INBOX_[a-z-]{1,63}\.[A-Za-z0-9]{1,64}\.\d{1,10}\.\d{1,15}$/;

/** Of what is left of its deadline. */
const waitShareMax = 1 / 4;

export class Responder {
  readonly #options: ResponderOptions;
  readonly #inFlightMax: number;
  readonly #clockSkewMsMax: number;
  readonly #signEveryMs: number;
  #subscription: TransportSubscription | undefined;
  readonly #turns = new FairTurns();
  readonly #underWay = new Set<Work>();
  #signs: NodeJS.Timeout | undefined;
  /** Requester → answers of this turn. */
  readonly #answers = new Map<string, Answer[]>();
  #idle: (() => void)[] = [];

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#inFlightMax = options.inFlightMax ?? inFlightMaxDefault;
    this.#clockSkewMsMax = options.clockSkewMsMax ?? clockSkewMsMaxDefault;
    this.#signEveryMs = Math.max(signEveryMsMin, options.signs?.everyMs ?? signEveryMsDefault);
  }

  get inFlight(): number {
    return this.#underWay.size;
  }

  async listen(): Promise<void> {
    const { transport, subject, queue } = this.#options;
    this.#subscription = await transport.subscribe(subject, queue ?? undefined, (message) =>
      this.#receive(message),
    );
  }

  /** Takes nothing more, finishes what it took, and has sent the answers when this resolves. */
  async drain(): Promise<void> {
    await this.#subscription?.drain();
    while (this.inFlight > 0 || this.#answers.size > 0) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  #receive(message: TransportMessage): void {
    const { reply, subject } = message;
    if (reply === undefined || !inboxPattern.test(reply)) {
      this.#options.onDropped('reply-subject');
      return;
    }
    const frame = decodeFrame(message.data, 'requests');
    if (typeof frame === 'string') {
      this.#options.onDropped(frame);
      return;
    }
    const ageMs = Date.now() - frame.sentAtMs;
    const arrivedMs = performance.now();
    for (const { id, remainingMs, bytes } of frame.records) {
      // A requester that stopped waiting must not see its request carried out after a pause or a healed partition.
      if (ageMs > remainingMs + this.#clockSkewMsMax) this.#options.onDropped('expired');
      else if (this.#hasRoomFor(remainingMs))
        this.#take({ reply, id, isLong: false, arrivedMs }, bytes, { subject, deadlineMs: remainingMs });
      else this.#answer(reply, id, overloaded());
    }
  }

  /** A request that would spend a good part of its time waiting is told so at once, and not when it is too late. */
  #hasRoomFor(remainingMs: number): boolean {
    return this.inFlight < this.#inFlightMax && this.#turns.expectedWaitMs < remainingMs * waitShareMax;
  }

  #take(work: Work, bytes: Uint8Array, context: RequestContext): void {
    this.#underWay.add(work);
    this.#signs ??= setInterval(() => this.#giveSigns(), this.#signEveryMs).unref();
    this.#turns.run(() => {
      const deadlineMs = Math.ceil(context.deadlineMs - (performance.now() - work.arrivedMs));
      void this.#handle(work, bytes, { ...context, deadlineMs });
    });
  }

  async #handle(work: Work, bytes: Uint8Array, context: RequestContext): Promise<void> {
    const { reply, id } = work;
    try {
      if (context.deadlineMs <= 0) this.#options.onDropped('expired');
      else this.#answer(reply, id, await this.#options.handler(bytes, context));
    } catch (fault) {
      this.#answer(reply, id, fault);
    } finally {
      this.#underWay.delete(work);
      if (this.inFlight === 0) {
        clearInterval(this.#signs);
        this.#signs = undefined;
        for (const wake of this.#idle.splice(0)) wake();
      }
    }
  }

  /** For what was already under way when signs were last given: the others are most likely done before the next time. */
  #giveSigns(): void {
    const isMoving = this.#options.signs?.isMoving() ?? true;
    for (const work of this.#underWay) {
      if (work.isLong && isMoving)
        this.#put(work.reply, { id: work.id, kind: 'sign', remainingMs: 0, bytes: nothing });
      work.isLong = true;
    }
  }

  /** `outcome` is the reply's bytes, or what was thrown. */
  #answer(reply: string, id: number, outcome: unknown): void {
    const isReply = outcome instanceof Uint8Array && outcome.length <= recordBytesMax;
    const record: FrameRecord = isReply
      ? { id, kind: 'reply', remainingMs: 0, bytes: outcome }
      : { id, kind: 'error', remainingMs: 0, bytes: encodeError(outcome) };
    this.#put(reply, record);
  }

  #put(reply: string, record: FrameRecord): void {
    if (this.#answers.size === 0) setImmediate(() => this.#send());
    // Everything but the place: what one connection asked on one subject.
    const requester = reply.slice(0, reply.lastIndexOf('.'));
    const answers = this.#answers.get(requester);
    if (answers === undefined) this.#answers.set(requester, [{ reply, record }]);
    else answers.push({ reply, record });
  }

  #send(): void {
    for (const answers of this.#answers.values()) {
      for (const batch of inBatches(answers, (answer) => recordBytes(answer.record.bytes)))
        this.#sendBatch(batch);
    }
    this.#answers.clear();
    for (const wake of this.#idle.splice(0)) wake();
  }

  #sendBatch(batch: readonly Answer[]): void {
    const { transport, onDropped } = this.#options;
    if (!transport.isConnected) {
      // A buffered answer would reach the requester after it was told that the connection broke.
      for (const { record } of batch) if (record.kind !== 'sign') onDropped('answer-lost');
      return;
    }
    // Any place of the requester would do. With the place of a request in this batch, no place gets more answers than
    // its messages had requests, and signs no more often than each of them may have one, which the server allows for.
    const { reply } = batch.at(-1) as Answer;
    const records = batch.map((answer) => answer.record);
    transport.publish(reply, encodeFrame(records, Date.now()));
  }
}

/** A request between its arrival and its answer, whether it waits for its turn or is being handled. */
interface Work {
  readonly reply: string;
  readonly id: number;
  readonly arrivedMs: number;
  isLong: boolean;
}

const nothing = new Uint8Array();

interface Answer {
  readonly reply: string;
  readonly record: FrameRecord;
}

const overloaded = () =>
  new StrongroomError('overloaded', { detail: 'too many requests in flight', retryAfterMs: 100 });
