/** NATS as the transport of requests. */

import {
  type Msg,
  type NatsConnection,
  PermissionViolationError,
  type Subscription,
} from '@nats-io/transport-node';
import { StrongroomError } from '@strongroom/errors';
import type { Transport, TransportMessage, TransportSubscription } from './transport.ts';

const noRespondersStatus = 503;

/** Reads the message only as far as it is asked for. */
class NatsMessage implements TransportMessage {
  readonly #message: Msg;

  constructor(message: Msg) {
    this.#message = message;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get data(): Uint8Array {
    return this.#message.data;
  }

  get reply(): string | undefined {
    return this.#message.reply;
  }

  /** Headers cost time to read and may be anything, so they are looked at only where the server itself writes: no data. */
  get isNoResponders(): boolean {
    return this.#message.data.length === 0 && this.#message.headers?.code === noRespondersStatus;
  }
}

export interface NatsTransportOptions {
  readonly connection: NatsConnection;
  readonly isConnected: () => boolean;
  /** A message that could not even be read. What is thrown inside the client's reader would end the reader. */
  readonly onUnreadable: (fault: unknown) => void;
}

export class NatsTransport implements Transport {
  readonly #options: NatsTransportOptions;

  constructor(options: NatsTransportOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#options.isConnected();
  }

  publish(subject: string, bytes: Uint8Array, reply?: string): void {
    this.#options.connection.publish(subject, bytes, reply === undefined ? {} : { reply });
  }

  async subscribe(
    subject: string,
    queue: string | undefined,
    deliver: (message: TransportMessage) => void,
  ): Promise<TransportSubscription> {
    const subscription = this.#options.connection.subscribe(subject, {
      ...(queue === undefined ? {} : { queue }),
      callback: (problem, message) => {
        if (problem !== null) return;
        try {
          deliver(new NatsMessage(message));
        } catch (fault) {
          this.#options.onUnreadable(fault);
        }
      },
    });
    await this.#assertPermitted(subject, subscription);
    return { drain: () => drainSubscription(subscription) };
  }

  async flush(): Promise<void> {
    try {
      await this.#options.connection.flush();
    } catch (cause) {
      throw new StrongroomError('bus-unavailable', { cause });
    }
  }

  /** The server answers a refused subscription before it answers the flush. */
  async #assertPermitted(subject: string, subscription: Subscription): Promise<void> {
    const refusal = await Promise.race([subscription.closed, this.flush()]);
    if (refusal === undefined && !subscription.isClosed()) return;
    const detail =
      refusal instanceof PermissionViolationError
        ? `this service may not subscribe to ${subject}`
        : `the subscription to ${subject} ended`;
    throw new StrongroomError('bus-unavailable', { detail, cause: refusal });
  }
}

async function drainSubscription(subscription: Subscription): Promise<void> {
  if (!subscription.isClosed()) await subscription.drain();
}
