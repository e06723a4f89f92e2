/**
 * What the multiplexer and the responders need of a message bus. NATS provides it in production; a memory bus of
 * component tests provides it too, so that both run through the same framing, batching and bounds.
 */
export interface TransportMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Where an answer goes, as the sender wrote it. */
  readonly reply: string | undefined;
  /** The bus itself says that nobody listens on the subject that this inbox was named with. */
  readonly isNoResponders: boolean;
}

export interface TransportSubscription {
  /** After this no further message comes; what the bus had already handed out was delivered before. */
  drain(): Promise<void>;
}

export interface Transport {
  readonly isConnected: boolean;
  /** Best effort and in order. Must not be called while not connected: nothing may be sent late. */
  publish(subject: string, bytes: Uint8Array, reply?: string): void;
  /** `deliver` must not throw. Rejects when the bus refuses the subscription. */
  subscribe(
    subject: string,
    queue: string | undefined,
    deliver: (message: TransportMessage) => void,
  ): Promise<TransportSubscription>;
  /** Resolves when the bus has taken everything sent before, and all that it said until then was delivered. */
  flush(): Promise<void>;
}
