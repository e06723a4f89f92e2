/** Requests and answers of one service over any transport: everything about the bus that is not NATS. */
import { StrongroomError } from '@strongroom/errors';
import type { DropReason, ResponderHandle, RespondOptions } from './bus.ts';
import { RequestMultiplexer } from './multiplexer.ts';
import type { RequestOptions } from './request-options.ts';
import { Responder } from './responder.ts';
import type { Transport } from './transport.ts';

export interface RequestBusOptions {
  readonly transport: Transport;
  readonly service: string;
  /** Subjects below it are this connection's alone. */
  readonly inbox: string;
  readonly pendingMax?: number | undefined;
  readonly clockSkewMsMax?: number | undefined;
  readonly onDropped: (reason: DropReason) => void;
}

export class RequestBus {
  readonly #options: RequestBusOptions;
  readonly #multiplexer: RequestMultiplexer;
  readonly #responders = new Set<Responder>();
  #isDraining = false;

  constructor(options: RequestBusOptions) {
    this.#options = options;
    this.#multiplexer = new RequestMultiplexer(options);
  }

  get pending(): number {
    return this.#multiplexer.pending;
  }

  start(): Promise<void> {
    return this.#multiplexer.listen();
  }

  request(subject: string, bytes: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    return this.#multiplexer.request(subject, bytes, options);
  }

  async respond(subject: string, options: RespondOptions): Promise<ResponderHandle> {
    if (this.#isDraining) throw new StrongroomError('stopping');
    const { transport, service, clockSkewMsMax, onDropped } = this.#options;
    const responder = new Responder({
      queue: service,
      ...options,
      transport,
      subject,
      clockSkewMsMax,
      onDropped,
    });
    await responder.listen();
    this.#responders.add(responder);
    return {
      get inFlight() {
        return responder.inFlight;
      },
      drain: async () => {
        await responder.drain();
        // A service may leave a subject and come back as often as it likes.
        this.#responders.delete(responder);
      },
    };
  }

  /** Handlers may still ask others, so requests are refused only after the last handler has finished. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await Promise.all([...this.#responders].map((responder) => responder.drain()));
    this.#multiplexer.refuseWith('stopping');
    await this.#multiplexer.settled();
  }

  /** No answer to what was sent can come any more. */
  disconnected(): void {
    this.#multiplexer.disconnected();
  }

  notPermitted(subject: string): void {
    this.#multiplexer.notPermitted(subject);
  }

  close(): void {
    this.#isDraining = true;
    this.#multiplexer.refuseWith('stopping');
    this.#multiplexer.disconnected();
  }
}
