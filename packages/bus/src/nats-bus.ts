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
import { NatsTransport } from './nats-transport.ts';
import { RequestBus } from './request-bus.ts';
import type { RequestOptions } from './request-options.ts';
import { assertServerAccepted } from './server-version.ts';

export interface NatsBusOptions {
  readonly connection: NatsConnection;
  readonly service: string;
  readonly inbox: string;
  readonly pendingMax?: number | undefined;
  readonly clockSkewMsMax?: number | undefined;
  readonly observer?: BusObserver | undefined;
}

export class NatsBus implements Bus {
  readonly closed: Promise<Error | undefined>;
  readonly drops = new Map<DropReason, number>();
  readonly #observer: BusObserver;
  readonly #connection: NatsConnection;
  readonly #transport: NatsTransport;
  readonly #requests: RequestBus;
  readonly #events: EventStream;
  readonly #consumptions = new Set<EventConsumption>();
  #state: BusState = 'connected';
  #isLinked = true;
  #fault: Error | undefined;

  constructor({ connection, observer, ...options }: NatsBusOptions) {
    this.#observer = observer ?? {};
    this.#connection = connection;
    const onDropped = (reason: DropReason) => this.#drop(reason);
    this.#transport = new NatsTransport({
      connection,
      isConnected: () => this.#isLinked,
      onUnreadable: () => onDropped('unreadable'),
    });
    this.#requests = new RequestBus({ ...options, transport: this.#transport, onDropped });
    this.#events = new EventStream(connection, () => onDropped('event-malformed'));
    this.closed = connection.closed().then((problem) => this.#ended(problem ?? undefined));
  }

  get state(): BusState {
    return this.#state;
  }

  get pending(): number {
    return this.#requests.pending;
  }

  async start(): Promise<void> {
    void this.#watch();
    await this.#requests.start();
  }

  request(subject: string, bytes: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    return this.#requests.request(subject, bytes, options);
  }

  respond(subject: string, options: RespondOptions): Promise<ResponderHandle> {
    return this.#requests.respond(subject, options);
  }

  async publishEvent(event: DomainEvent): Promise<void> {
    // The client would keep it until the connection is back; the outbox does that, and outlives the process.
    if (!this.#isLinked) throw new StrongroomError('bus-unavailable');
    await this.#events.publish(event);
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
    if (this.#state === 'draining' || this.#state === 'closed') {
      await this.closed;
      return;
    }
    this.#setState('draining');
    const intake = [...this.#consumptions].map((consumption) => consumption.stop());
    await Promise.all([this.#requests.drain(), ...intake]);
    // The answers are with the server when this has resolved. Without a connection there is nobody to hand them to.
    if (this.#isLinked) await this.#transport.flush().catch((problem) => (this.#fault ??= problem as Error));
    await this.close();
  }

  async close(): Promise<void> {
    this.#requests.close();
    // The client keeps its timers otherwise. An event that is being handled is not waited for.
    for (const consumption of this.#consumptions) void consumption.stop();
    await this.#connection.close();
    await this.closed;
  }

  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) this.#onStatus(status);
  }

  #onStatus(status: Status): void {
    if (status.type === 'disconnect') this.#disconnected();
    else if (status.type === 'reconnect') void this.#reconnected();
    else if (status.type === 'error' && status.error instanceof PermissionViolationError) {
      const { operation, subject } = status.error;
      if (operation === 'publish') this.#requests.notPermitted(subject);
      this.#observer.onRefused?.(operation, subject);
    }
  }

  #disconnected(): void {
    this.#isLinked = false;
    if (this.#state === 'connected') this.#setState('disconnected');
    this.#requests.disconnected();
  }

  async #reconnected(): Promise<void> {
    try {
      // Another node of the cluster may be older than the first.
      assertServerAccepted(this.#connection.info?.version);
    } catch (problem) {
      this.#fault = problem as Error;
      await this.close();
      return;
    }
    this.#isLinked = true;
    const isServed = await this.#transport.flush().then(
      () => true,
      () => false,
    );
    // Only now the server has all of our subscriptions again. It may be gone once more, too.
    if (isServed && this.#isLinked && this.#state === 'disconnected') this.#setState('connected');
  }

  #ended(problem: Error | undefined): Error | undefined {
    this.#isLinked = false;
    this.#requests.close();
    const reason = this.#fault ?? problem;
    this.#setState('closed', reason);
    return reason;
  }

  #setState(state: BusState, problem?: Error): void {
    this.#state = state;
    this.#observer.onState?.(state, problem);
  }

  #drop(reason: DropReason): void {
    this.drops.set(reason, (this.drops.get(reason) ?? 0) + 1);
    this.#observer.onDropped?.(reason);
  }
}
