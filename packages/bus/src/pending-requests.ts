/**
 * The requests that a connection waits for, and the places that their messages hold in the inbox.
 *
 * A message is answered below `<inbox>.<place>`. The place tells which requests the server means when it says that
 * nobody listens; answers are told apart by their id alone. Places are used again, lowest first: the server keeps a
 * right to reply per subject, and walks through all of them once there are more than 4,096.
 */
import type { ErrorCode, StrongroomError } from '@strongroom/errors';

export interface PendingRequest {
  readonly id: number;
  readonly subject: string;
  readonly bytes: Uint8Array;
  /** On the clock of `performance.now()`. */
  readonly expiresAt: number;
  readonly resolve: (reply: Uint8Array) => void;
  readonly reject: (problem: StrongroomError) => void;
  /** What "nobody listens" is called for this request. */
  readonly absentCode: ErrorCode;
  /** Stops watching the caller's signal. */
  unwatch: (() => void) | undefined;
  /** Undefined until the request was handed to the bus: whether it took effect is unknown from then on. */
  place: Place | undefined;
  isSettled: boolean;
}

export interface Place {
  readonly index: number;
  readonly requests: readonly PendingRequest[];
  /** Requests of its message that nobody has answered yet. */
  open: number;
  /** A request of it was given up, so the server may still say something about its message. */
  isDoubtful: boolean;
}

export class PendingRequests {
  readonly #byId = new Map<number, PendingRequest>();
  readonly #places: (Place | undefined)[] = [];
  readonly #free: number[] = [];
  #doubtful: number[] = [];
  #lastId = 0;

  get size(): number {
    return this.#byId.size;
  }

  nextId(): number {
    do this.#lastId = this.#lastId === 0xffff_ffff ? 1 : this.#lastId + 1;
    while (this.#byId.has(this.#lastId));
    return this.#lastId;
  }

  add(request: PendingRequest): void {
    this.#byId.set(request.id, request);
  }

  find(id: number): PendingRequest | undefined {
    return this.#byId.get(id);
  }

  values(): IterableIterator<PendingRequest> {
    return this.#byId.values();
  }

  /** Gives the requests of one message their place in the inbox. */
  place(requests: readonly PendingRequest[]): Place {
    const place: Place = {
      index: this.#free.pop() ?? this.#places.length,
      requests,
      open: requests.length,
      isDoubtful: false,
    };
    this.#places[place.index] = place;
    for (const request of requests) request.place = place;
    return place;
  }

  atPlace(index: number): readonly PendingRequest[] {
    return this.#places[index]?.requests ?? [];
  }

  /** Removes a request that got its answer, or that was given up: then its place is kept until `releaseDoubtful`. */
  settle(request: PendingRequest, how: 'answered' | 'given-up'): boolean {
    if (request.isSettled) return false;
    request.isSettled = true;
    this.#byId.delete(request.id);
    const { place } = request;
    if (place === undefined) return true;
    if (how === 'given-up') place.isDoubtful = true;
    place.open -= 1;
    if (place.open > 0) return true;
    this.#places[place.index] = undefined;
    (place.isDoubtful ? this.#doubtful : this.#free).push(place.index);
    return true;
  }

  /**
   * Places of messages that the server may still speak about. Were one used again, "nobody listens" for the old message
   * would be taken for the new one, which may well have been carried out. Hand them to `release` after the bus was
   * flushed, when everything that it had to say about them has arrived.
   */
  takeDoubtful(): readonly number[] {
    const taken = this.#doubtful;
    this.#doubtful = [];
    return taken;
  }

  release(places: readonly number[]): void {
    this.#free.push(...places);
  }
}
