/**
 * Domain events on JetStream. The stream is a way to tell, never the only copy of anything: published analyses show
 * acknowledged records lost after power cuts and disk corruption. Publishers keep an outbox, consumers expect an event
 * more than once.
 */
import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamClient,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { CanonicalError, canonicalBytes, parseCanonical } from '@strongroom/canonical';
import { checkers, type DomainEvent, eventStream, subjects } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';

const dayMs = 86_400_000;
const eventBytesMax = 4_096;
const publishMsMax = 5_000;
/** Longer than an outbox is expected to be stuck between publishing and deleting a row. */
const duplicateWindowMs = 3_600_000;
const redeliveriesMax = 20;
const ackWaitMs = 30_000;
const retryDelayMs = 1_000;

export interface EventStreamOptions {
  readonly replicas?: number;
  readonly bytesMax?: number;
  readonly ageMsMax?: number;
  /** Durable consumers that services read from: name → the events that it gets. */
  readonly consumers?: Readonly<Record<string, readonly string[]>>;
}

export interface ConsumeOptions {
  /** A consumer that the provisioner made. Instances that name the same one share its events. */
  readonly durable: string;
  /** When it rejects the event comes again, later. */
  readonly handler: (event: DomainEvent) => Promise<void>;
  readonly onFault?: (fault: unknown) => void;
}

export interface EventConsumption {
  /** Finishes the event at hand. */
  stop(): Promise<void>;
}

const streamConfig = (options: EventStreamOptions) => ({
  name: eventStream,
  subjects: [subjects.event('>')],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  // A full stream refuses what is new and the outboxes keep it; it never forgets what was not read yet.
  discard: DiscardPolicy.New,
  deny_delete: true,
  deny_purge: true,
  allow_rollup_hdrs: false,
  allow_direct: false,
  max_bytes: options.bytesMax ?? 256 * 1024 * 1024,
  max_age: nanos(options.ageMsMax ?? 7 * dayMs),
  max_msg_size: eventBytesMax,
  num_replicas: options.replicas ?? 1,
  duplicate_window: nanos(duplicateWindowMs),
});

export async function ensureEventStream(
  connection: NatsConnection,
  options: EventStreamOptions = {},
): Promise<void> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const config: Partial<StreamConfig> & { name: string } = streamConfig(options);
  try {
    await manager.streams.add(config);
  } catch (problem) {
    if (!hasCode(problem, streamExists)) throw problem;
    await manager.streams.update(eventStream, config);
  }
  for (const [durable, events] of Object.entries(options.consumers ?? {})) {
    const consumer = consumerConfig(durable, events);
    try {
      await manager.consumers.add(eventStream, consumer);
    } catch (problem) {
      if (!hasCode(problem, consumerExists)) throw problem;
      await manager.consumers.update(eventStream, durable, consumer);
    }
  }
}

const consumerConfig = (durable: string, events: readonly string[]) => ({
  durable_name: durable,
  filter_subjects: events.map(subjects.event),
  deliver_policy: DeliverPolicy.All,
  ack_policy: AckPolicy.Explicit,
  ack_wait: nanos(ackWaitMs),
  max_deliver: redeliveriesMax,
  max_ack_pending: 256,
});

/** Error codes of the JetStream API: it exists, with another configuration. */
const streamExists = 10_058;
const consumerExists = 10_148;
const hasCode = (problem: unknown, code: number) => (problem as { code?: unknown }).code === code;

export class EventStream {
  readonly #client: JetStreamClient;
  readonly #onMalformed: () => void;

  constructor(connection: NatsConnection, onMalformed: () => void) {
    this.#client = jetstream(connection, { timeout: publishMsMax });
    this.#onMalformed = onMalformed;
  }

  async publish(event: DomainEvent): Promise<void> {
    if (!checkers.domainEvent.check(event)) throw new TypeError('not a domain event');
    const payload = canonicalBytes({ ...event });
    try {
      await this.#client.publish(subjects.event(event.name), payload, {
        msgID: event.id,
        expect: { streamName: eventStream },
      });
    } catch (cause) {
      throw new StrongroomError('bus-unavailable', { detail: 'the event is not stored', cause });
    }
  }

  async consume({ durable, handler, onFault }: ConsumeOptions): Promise<EventConsumption> {
    const consumer: Consumer = await this.#client.consumers.get(eventStream, durable);
    const messages = await consumer.consume({ max_messages: 64 });
    const run = async () => {
      for await (const message of messages) await this.#hand(message, handler, onFault);
    };
    const ended = run().catch((fault: unknown) => onFault?.(fault));
    return {
      async stop() {
        await messages.close();
        await ended;
      },
    };
  }

  async #hand(
    message: JsMsg,
    handler: ConsumeOptions['handler'],
    onFault: ConsumeOptions['onFault'],
  ): Promise<void> {
    const event = readEvent(message.data);
    if (event === undefined) {
      // It will not get better by coming again.
      this.#onMalformed();
      message.term('malformed');
      return;
    }
    try {
      await handler(event);
      message.ack();
    } catch (fault) {
      onFault?.(fault);
      message.nak(retryDelayMs);
    }
  }
}

function readEvent(bytes: Uint8Array): DomainEvent | undefined {
  try {
    const value: unknown = parseCanonical(bytes, { bytesMax: eventBytesMax });
    return checkers.domainEvent.check(value) ? value : undefined;
  } catch (fault) {
    if (fault instanceof CanonicalError) return undefined;
    throw fault;
  }
}
