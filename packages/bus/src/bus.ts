/** What a service sees of the bus. */
import type { DomainEvent } from '@strongroom/contracts';
import type { ConsumeOptions, EventConsumption, EventStreamOptions } from './event-stream.ts';
import type { FrameProblem } from './frame.ts';
import type { AnswerDrop } from './multiplexer.ts';
import type { RequestOptions } from './request-options.ts';
import type { RequestHandler, ResponderDrop, SignsOfLife } from './responder.ts';

export type BusState = 'connected' | 'disconnected' | 'draining' | 'closed';
export type DropReason = FrameProblem | ResponderDrop | AnswerDrop | 'unreadable' | 'event-malformed';

/** Watches; must not throw. The bus itself knows neither log nor metrics. */
export interface BusObserver {
  readonly onState?: (state: BusState, problem?: Error) => void;
  /** A message or a part of one was thrown away. Only counted: its content comes from anybody. */
  readonly onDropped?: (reason: DropReason) => void;
  /** The server refused us a subject: the permissions and the code disagree, or somebody uses our credential. */
  readonly onRefused?: (operation: 'publish' | 'subscription', subject: string) => void;
}

export interface RespondOptions {
  /**
   * Instances with the same queue share the requests; the name of the service unless said otherwise. `null`: each gets
   * all of them, for a service of which one instance at a time listens. One that hangs takes nobody's share away then.
   */
  readonly queue?: string | null;
  readonly handler: RequestHandler;
  readonly inFlightMax?: number;
  /** Of what takes long; every 200 ms as long as the process has turns of its event loop, unless said otherwise. */
  readonly signs?: SignsOfLife;
}

export interface ResponderHandle {
  readonly inFlight: number;
  /** Takes nothing more, finishes what it took, and has sent the answers when this resolves. */
  drain(): Promise<void>;
}

export interface Bus {
  readonly state: BusState;
  /** Requests that wait for an answer. */
  readonly pending: number;
  readonly drops: ReadonlyMap<DropReason, number>;
  /** One request, one answer; `RequestMultiplexer.request` says how it fails. */
  request(subject: string, bytes: Uint8Array, options: RequestOptions): Promise<Uint8Array>;
  /** Answers requests on a subject from when this has resolved. Rejects with `bus-unavailable` where it is not permitted. */
  respond(subject: string, options: RespondOptions): Promise<ResponderHandle>;
  /**
   * Resolves when the event is stored on the stream, once per event id within the stream's duplicate window. Rejects
   * with `bus-unavailable` when that is not known: publish the same event again then.
   */
  publishEvent(event: DomainEvent): Promise<void>;
  /** Creates or corrects the event stream; only the provisioner may. */
  ensureStream(options?: EventStreamOptions): Promise<void>;
  /** Hands events of a durable consumer to a handler, one after the other, at least once. */
  consumeEvents(options: ConsumeOptions): Promise<EventConsumption>;
  /** Responders finish, then requests are answered, then all is flushed and the connection closed. Loses nothing. */
  drain(): Promise<void>;
  /** At once: what waits is rejected. */
  close(): Promise<void>;
  /** Resolves when the bus is closed for good; with the reason when nobody asked for it. */
  readonly closed: Promise<Error | undefined>;
}
