import { randomBytes } from 'node:crypto';
import {
  type Bus,
  type BusState,
  type ConsumeOptions,
  type DropReason,
  type EventConsumption,
  inboxOf,
  RequestBus,
  type RequestOptions,
  type ResponderHandle,
  type RespondOptions,
} from '@strongroom/bus';
import { busPermissions, checkers, type DomainEvent, type ServiceName } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { MemoryExchange, MemoryTransport } from './memory-transport.ts';

export interface MemoryBusOptions {
  readonly pendingMax?: number;
  readonly clockSkewMsMax?: number;
}

/** The bus of component tests: framing, batching, bounds and permissions are the real ones, only NATS is not there. */
export class MemoryBusHub {
  /** Events that services published, in order; each id once. */
  readonly events: DomainEvent[] = [];
  readonly #exchange = new MemoryExchange();

  async join(service: ServiceName, options: MemoryBusOptions = {}): Promise<MemoryBus> {
    const bus = new MemoryBus(this, this.#exchange, service, options);
    await bus.start();
    return bus;
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

export class MemoryBus implements Bus {
  readonly drops = new Map<DropReason, number>();
  readonly closed: Promise<undefined>;
  readonly transport: MemoryTransport;
  /** While set, no event is taken. */
  eventFault: StrongroomError | undefined;
  readonly #hub: MemoryBusHub;
  readonly #requests: RequestBus;
  readonly #service: ServiceName;
  readonly #ended = Promise.withResolvers<undefined>();
  #state: BusState = 'connected';

  constructor(hub: MemoryBusHub, exchange: MemoryExchange, service: ServiceName, options: MemoryBusOptions) {
    this.#hub = hub;
    this.#service = service;
    this.closed = this.#ended.promise;
    this.transport = new MemoryTransport(exchange, busPermissions(service));
    this.#requests = new RequestBus({
      ...options,
      service,
      transport: this.transport,
      inbox: `${inboxOf(service)}.${randomBytes(16).toString('hex')}`,
      onDropped: (reason) => void this.drops.set(reason, (this.drops.get(reason) ?? 0) + 1),
    });
    this.transport.onRefused = (subject) => this.#requests.notPermitted(subject);
  }

  get state(): BusState {
    return this.#state;
  }

  get pending(): number {
    return this.#requests.pending;
  }

  start(): Promise<void> {
    return this.#requests.start();
  }

  request(subject: string, bytes: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    return this.#requests.request(subject, bytes, options);
  }

  respond(subject: string, options: RespondOptions): Promise<ResponderHandle> {
    return this.#requests.respond(subject, options);
  }

  async publishEvent(event: DomainEvent): Promise<void> {
    if (!checkers.domainEvent.check(event)) throw new TypeError('not a domain event');
    if (!busPermissions(this.#service).publish.includes(`sr.v1.event.${event.name}`)) {
      throw new StrongroomError('bus-unavailable', { detail: 'this service may not publish the event' });
    }
    await turn();
    if (this.eventFault !== undefined) throw this.eventFault;
    if (!this.#hub.events.some(({ id }) => id === event.id)) this.#hub.events.push(event);
  }

  async ensureStream(): Promise<void> {
    throw new StrongroomError('bus-unavailable', { detail: 'only the provisioner may' });
  }

  async consumeEvents({ handler, onFault }: ConsumeOptions): Promise<EventConsumption> {
    let isStopped = false;
    const run = async () => {
      let next = 0;
      while (!isStopped) {
        const event = this.#hub.events[next];
        if (event === undefined) await turn();
        else {
          try {
            await handler(event);
            next += 1;
          } catch (fault) {
            onFault?.(fault);
            await turn();
          }
        }
      }
    };
    const ended = run();
    return {
      async stop() {
        isStopped = true;
        await ended;
      },
    };
  }

  /** As if the network went away, and came back. */
  disconnect(): void {
    this.transport.isConnected = false;
    this.#state = 'disconnected';
    this.#requests.disconnected();
  }

  reconnect(): void {
    this.transport.isConnected = true;
    this.#state = 'connected';
  }

  async drain(): Promise<void> {
    this.#state = 'draining';
    await this.#requests.drain();
    await this.close();
  }

  async close(): Promise<void> {
    this.transport.isConnected = false;
    this.#requests.close();
    this.#state = 'closed';
    this.#ended.resolve(undefined);
  }
}
