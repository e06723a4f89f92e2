/**
 * A bus inside the process, with what matters of the real one: delivery in another turn of the event loop, copies of
 * the bytes, one member of a queue group gets a message, nobody listening is told, and permissions are allow-lists.
 */
import type { Transport, TransportMessage, TransportSubscription } from '@strongroom/bus';
import { StrongroomError } from '@strongroom/errors';

export interface MemoryPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

interface Subscription {
  readonly owner: MemoryTransport;
  readonly subject: string;
  readonly queue: string | undefined;
  readonly deliver: (message: TransportMessage) => void;
}

/** `*` stands for one part of a subject, `>` at the end for all the rest. */
export function matchesSubject(pattern: string, subject: string): boolean {
  const parts = subject.split('.');
  const wanted = pattern.split('.');
  return (
    wanted.every(
      (part, index) => part === '>' || (index < parts.length && (part === '*' || part === parts[index])),
    ) && (wanted.at(-1) === '>' ? parts.length >= wanted.length : parts.length === wanted.length)
  );
}

/** What all transports of one bus share. */
export class MemoryExchange {
  readonly #subscriptions = new Set<Subscription>();
  readonly #turns = new Map<string, number>();

  add(subscription: Subscription): void {
    this.#subscriptions.add(subscription);
  }

  remove(subscription: Subscription): void {
    this.#subscriptions.delete(subscription);
  }

  /** Delivers in a later turn; tells the sender when there is nobody to deliver to. */
  route(subject: string, data: Uint8Array, reply: string | undefined): void {
    const copy = Uint8Array.from(data);
    setImmediate(() => {
      const chosen = this.#choose(subject);
      for (const { owner, deliver } of chosen) {
        if (reply !== undefined) owner.mayReplyTo(reply);
        deliver({ subject, data: copy, reply, isNoResponders: false });
      }
      if (chosen.length > 0 || reply === undefined) return;
      for (const { deliver } of this.#choose(reply)) {
        deliver({ subject: reply, data: new Uint8Array(), reply: undefined, isNoResponders: true });
      }
    });
  }

  #choose(subject: string): Subscription[] {
    const fitting = [...this.#subscriptions].filter(
      (one) => one.owner.isConnected && matchesSubject(one.subject, subject),
    );
    const queues = new Map<string, Subscription[]>();
    for (const one of fitting)
      if (one.queue !== undefined) queues.set(one.queue, [...(queues.get(one.queue) ?? []), one]);
    const members = [...queues].map(([name, queue]) => {
      const turn = (this.#turns.get(name) ?? 0) + 1;
      this.#turns.set(name, turn);
      return queue[turn % queue.length] as Subscription;
    });
    return [...fitting.filter((one) => one.queue === undefined), ...members];
  }
}

export class MemoryTransport implements Transport {
  isConnected = true;
  /** Told when a message was not taken for want of a permission. */
  onRefused: (subject: string) => void = () => undefined;
  /** Sees every message that leaves here, before it is routed. */
  onPublished: (subject: string, bytes: Uint8Array, reply: string | undefined) => void = () => undefined;
  readonly #exchange: MemoryExchange;
  readonly #permissions: MemoryPermissions;
  readonly #replies = new Set<string>();

  constructor(exchange: MemoryExchange, permissions: MemoryPermissions) {
    this.#exchange = exchange;
    this.#permissions = permissions;
  }

  mayReplyTo(subject: string): void {
    this.#replies.add(subject);
  }

  publish(subject: string, bytes: Uint8Array, reply?: string): void {
    this.onPublished(subject, bytes, reply);
    const isPermitted =
      this.#replies.has(subject) ||
      this.#permissions.publish.some((allowed) => matchesSubject(allowed, subject));
    if (isPermitted) this.#exchange.route(subject, bytes, reply);
    else setImmediate(() => this.onRefused(subject));
  }

  async subscribe(
    subject: string,
    queue: string | undefined,
    deliver: (message: TransportMessage) => void,
  ): Promise<TransportSubscription> {
    // A subscription with a wildcard needs a permission that covers all that it may match.
    const asLiteral = subject.replaceAll('*', 'any').replace('>', 'any.more');
    if (!this.#permissions.subscribe.some((allowed) => matchesSubject(allowed, asLiteral))) {
      throw new StrongroomError('bus-unavailable', {
        detail: `this service may not subscribe to ${subject}`,
      });
    }
    const subscription = { owner: this, subject, queue, deliver };
    this.#exchange.add(subscription);
    return { drain: async () => this.#exchange.remove(subscription) };
  }

  async flush(): Promise<void> {
    if (!this.isConnected) throw new StrongroomError('bus-unavailable');
    // Two turns: one for what was sent, one for what is said about it.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
}
