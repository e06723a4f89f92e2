/**
 * Where the answers of one connection arrive: `<prefix>.<endpoint>.<place>`.
 *
 * The endpoint stands for the subject that was asked. The server lets a responder publish only on reply subjects that
 * requests brought to it, so an answer below an endpoint comes from somebody who may answer there, and nobody can
 * answer in the name of another service.
 *
 * The place stands for one message under way: when the server says that nobody listens, it says so at the place of the
 * message that it means. A place whose message was answered is used again, because the server remembers every reply
 * subject until its right to reply expires, and walks through all of them now and then. But not for ever: the server
 * counts deliveries and answers together and counts the time from the first delivery (nats-server 2.15, client.go,
 * `pubAllowedFullCheck`), so a place retires before either can run out. One whose message was given up retires at once:
 * a late word about the old message must not be taken for the new one.
 */
import { placeLifeMsMax, placeUsesMax } from './limits.ts';
import type { PendingRequest } from './pending-request.ts';

export interface Place {
  readonly subject: string;
  readonly firstUsedAt: number;
  uses: number;
  requests: readonly PendingRequest[];
  /** Requests of its message that are not settled. */
  open: number;
  isGivenUp: boolean;
}

interface Endpoint {
  readonly prefix: string;
  readonly free: Place[];
}

const subjectPattern = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
/** Far more subjects than any service asks on. */
const endpointsMax = 256;

export class Inbox {
  readonly #prefix: string;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #inUse = new Map<string, Place>();
  #lastEndpoint = 0;
  #lastPlace = 0;

  /** No other connection may take messages below `prefix`. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get pattern(): string {
    return `${this.#prefix}.*.*`;
  }

  /** What the answers to requests on a subject arrive below. */
  prefixOf(asked: string): string {
    return this.#endpointOf(asked).prefix;
  }

  take(asked: string, requests: readonly PendingRequest[]): Place {
    const { prefix, free } = this.#endpointOf(asked);
    const now = performance.now();
    let place = free.pop();
    if (place === undefined || now - place.firstUsedAt > placeLifeMsMax) {
      this.#lastPlace += 1;
      const subject = `${prefix}${this.#lastPlace}`;
      place = { subject, firstUsedAt: now, uses: 0, requests, open: 0, isGivenUp: false };
    }
    place.uses += 1;
    place.requests = requests;
    place.open = requests.length;
    this.#inUse.set(place.subject, place);
    for (const request of requests) request.place = place;
    return place;
  }

  /** The requests of the message that the server names by its reply subject. */
  requestsAt(subject: string): readonly PendingRequest[] {
    return this.#inUse.get(subject)?.requests ?? [];
  }

  /** One request less to wait for at its place. */
  settle(request: PendingRequest, how: 'answered' | 'given-up'): void {
    const { place } = request;
    if (place === undefined) return;
    place.open -= 1;
    if (how === 'given-up') place.isGivenUp = true;
    if (place.open > 0) return;
    this.#inUse.delete(place.subject);
    place.requests = [];
    if (place.isGivenUp || place.uses >= placeUsesMax) return;
    const { prefix, free } = this.#endpointOf(request.subject);
    if (request.answerPrefix === prefix) free.push(place);
  }

  #endpointOf(asked: string): Endpoint {
    let endpoint = this.#endpoints.get(asked);
    if (endpoint === undefined) {
      // It becomes part of a line of the protocol.
      if (!subjectPattern.test(asked)) throw new TypeError('not a subject to ask on');
      // What is under way keeps its prefix; only the next request on a forgotten subject gets another one.
      if (this.#endpoints.size >= endpointsMax) this.#endpoints.clear();
      this.#lastEndpoint += 1;
      endpoint = { prefix: `${this.#prefix}.${this.#lastEndpoint}.`, free: [] };
      this.#endpoints.set(asked, endpoint);
    }
    return endpoint;
  }
}
