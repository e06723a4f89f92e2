import type { ErrorCode, StrongroomError } from '@strongroom/errors';
import type { Place } from './inbox.ts';

/** A request between the call and its answer. */
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
  /** What "whoever took it is silent" is called; `undefined`: that does not matter. */
  readonly silentCode: ErrorCode | undefined;
  readonly silentSweepsMax: number;
  /** Sweeps since it was handed to the bus, or since its responder was last heard of. */
  silentSweeps: number;
  /** Reply subjects that an answer to it may come on. */
  readonly answerPrefix: string;
  /** Stops watching the caller's signal. */
  unwatch: (() => void) | undefined;
  /** Undefined until the request was handed to the bus: whether it took effect is unknown from then on. */
  place: Place | undefined;
}
