import { type NatsConnection, PermissionViolationError, type Status } from '@nats-io/transport-node';
import type { DomainEvent } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Bus, BusObserver, BusState, DropReason, ResponderHandle, RespondOptions } from './bus.ts';
import {
  type ConsumeOptions,
  type EventConsumption,
  EventStream,
  type EventStreamOptions,
  ensureEventStream,
} from './event-stream.ts';
import { RequestMultiplexer, type RequestOptions } from './multiplexer.ts';
import { NatsTransport } from './nats-transport.ts';
import { Responder } from './responder.ts';
import { assertServerAccepted } from './server-version.ts';

export interface NatsBusOptions {
  readonly connection: NatsConnection;
  readonly service: string;
  readonly inbox: string;
  readonly pendingMax?: number;
  readonly clockSkewMsMax?: number;
  readonly observer?: BusObserver;
}

export class NatsBus implements Bus {
  readonly closed: Promise<Error | undefined>;
  readonly drops = new Map<DropReason, number>();
  readonly #options: NatsBusOptions;
  readonly #connection: NatsConnection;
  readonly #transport: NatsTransport;
  readonly #multiplexer: RequestMultiplexer;
  readonly #events: EventStream;
  readonly #responders = new Set<Responder>();
  readonly #consumptions = new Set<EventConsumption>();
  #state: BusState = 'connected';
  #isLinked = true;
  #fault: Error | undefined;

  constructor(options: NatsBusOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#transport = new NatsTransport({
      connection: options.connection,
      isConnected: () => this.#isLinked,
      onUnreadable: () => this.#drop('unreadable'),
    });
    this.#multiplexer = new RequestMultiplexer({
      transport: this.#transport,
      inbox: options.inbox,
      ...(options.pendingMax === undefined ? {} : { pendingMax: options.pendingMax }),
      onDropped: (reason) => this.#drop(reason),
    });
    this.#events = new EventStream(options.connection, () => this.#drop('event-malformed'));
    this.closed = this.#connection.closed().then((problem) => this.#ended(problem ?? undefined));
  }

  get state(): BusState {
    return this.#state;
  }

  get pending(): number {
    return this.#multiplexer.pending;
  }

  async start(): Promise<void> {
    void this.#watch();
    await this.#multiplexer.listen();
  }

  request(subject: string, bytes: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    return this.#multiplexer.request(subject, bytes, options);
  }

  async respond(subject: string, options: RespondOptions): Promise<ResponderHandle> {
    if (this.#state === 'draining' || this.#state === 'closed') throw new StrongroomError('stopping');
    const { clockSkewMsMax } = this.#options;
    const responder = new Responder({
      transport: this.#transport,
      subject,
      queue: options.queue ?? this.#options.service,
      handler: options.handler,
      ...(options.inFlightMax === undefined ? {} : { inFlightMax: options.inFlightMax }),
      ...(clockSkewMsMax === undefined ? {} : { clockSkewMsMax }),
      onDropped: (reason) => this.#drop(reason),
    });
    await responder.listen();
    this.#responders.add(responder);
    return responder;
  }

  publishEvent(event: DomainEvent): Promise<void> {
    return this.#events.publish(event);
  }

  ensureStream(options?: EventStreamOptions): Promise<void> {
    return ensureEventStream(this.#connection, options);
  }

  async consumeEvents(options: ConsumeOptions): Promise<EventConsumption> {
    const consumption = await this.#events.consume(options);
    this.#consumptions.add(consumption);
    return consumption;
  }

  async drain(): Promise<void> {
    if (this.#state === 'draining' || this.#state === 'closed') return void (await this.closed);
    this.#setState('draining');
    const intake = [...this.#consumptions].map((consumption) => consumption.stop());
    // Handlers may still ask others, so requests are refused only after the last handler has finished.
    await Promise.all([...intake, ...[...this.#responders].map((responder) => responder.drain())]);
    this.#multiplexer.refuseWith('stopping');
    await this.#multiplexer.settled();
    if (this.#isLinked) await this.#transport.flush();
    await this.close();
  }

  async close(): Promise<void> {
    this.#multiplexer.refuseWith('stopping');
    await this.#connection.close();
    await this.closed;
  }

  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) this.#onStatus(status);
  }

  #onStatus(status: Status): void {
    if (status.type === 'disconnect') this.#disconnected();
    else if (status.type === 'reconnect') this.#reconnected();
    else if (status.type === 'error' && status.error instanceof PermissionViolationError) {
      const { operation, subject } = status.error;
      if (operation === 'publish') this.#multiplexer.notPermitted(subject);
      this.#options.observer?.onRefused?.(operation, subject);
    }
  }

  #disconnected(): void {
    this.#isLinked = false;
    if (this.#state === 'connected') this.#setState('disconnected');
    this.#multiplexer.disconnected();
  }

  #reconnected(): void {
    try {
      // Another node of the cluster may be older than the first.
      assertServerAccepted(this.#connection.info?.version);
    } catch (problem) {
      this.#fault = problem as Error;
      void this.close();
      return;
    }
    this.#isLinked = true;
    if (this.#state === 'disconnected') this.#setState('connected');
  }

  #ended(problem: Error | undefined): Error | undefined {
    this.#isLinked = false;
    this.#multiplexer.refuseWith('bus-unavailable');
    this.#multiplexer.disconnected();
    const reason = this.#fault ?? problem;
    this.#setState('closed', reason);
    return reason;
  }

  #setState(state: BusState, problem?: Error): void {
    this.#state = state;
    this.#options.observer?.onState?.(state, problem);
  }

  #drop(reason: DropReason): void {
    this.drops.set(reason, (this.drops.get(reason) ?? 0) + 1);
    this.#options.observer?.onDropped?.(reason);
  }
}
