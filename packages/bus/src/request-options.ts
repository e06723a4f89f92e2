import type { ErrorCode } from '@strongroom/errors';

export interface RequestOptions {
  /** How long the caller waits; more than 60 s counts as 60 s. The responder learns what is left of it. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  /** What it is called when nobody listens on the subject; `worker-unavailable` unless said otherwise. */
  readonly absentCode?: ErrorCode;
  /**
   * What it is called when whoever took it gives no sign of life any more. The request may have been carried out then.
   * Without it the request waits for its deadline.
   */
  readonly silentCode?: ErrorCode;
  /** How long it may be silent; 800 ms unless said otherwise. */
  readonly silentMs?: number;
}
