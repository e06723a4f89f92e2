/**
 * Whose turn it is to write. A process stands by while the writer shows life, which is any change of its row: a commit or
 * a beat. Silence is measured by the own clock and only over looks that succeeded in a steady rhythm, so neither a database
 * that was away, nor a clock that jumped, nor a pause of this very process is taken for the death of the other one.
 *
 * A wrong guess costs a change of writers and loses nothing: the epoch fences whoever was only slow.
 */
import type { Clock } from '../ports/clock.ts';
import type { LogHead, LogStore } from '../ports/log-store.ts';
import type { WriterStatus } from './writer-status.ts';

export interface AwaitTurnParts {
  readonly store: Pick<LogStore, 'head'>;
  readonly status: Pick<WriterStatus, 'standBy'>;
  readonly clock: Clock;
  /** Whether this process could serve if it had the pen: who is cut off must not take it from who is not. */
  readonly isReachable: () => boolean;
}

/** Five beats that did not come. */
export const silenceMsMin = 1_500;
/** Looks that are farther apart say nothing about what was between them. */
const gapMsMax = 1_000;

interface Watch {
  readonly head: LogHead;
  readonly sinceMs: number;
  readonly seenMs: number;
  /** The head has changed under the eyes of this process. */
  readonly seesWriter: boolean;
}

/** The returned function answers with the head to take over from, or with nothing. Throws `database-unavailable`. */
export function makeAwaitTurn({ store, status, clock, isReachable }: AwaitTurnParts) {
  let watch: Watch | undefined;
  return async (): Promise<LogHead | undefined> => {
    const before = watch;
    watch = undefined;
    const head = await store.head();
    if (!isReachable()) return undefined;
    if (head.beat === 0) return head;
    const nowMs = clock.monotonicMs();
    watch = look(before, head, nowMs);
    if (nowMs - watch.sinceMs >= silenceMsMin) return head;
    const { epoch } = head;
    status.standBy(
      watch.seesWriter ? `the writer of epoch ${epoch} lives` : `whether the writer of epoch ${epoch} lives`,
      watch.seesWriter,
    );
    return undefined;
  };
}

function look(before: Watch | undefined, head: LogHead, nowMs: number): Watch {
  if (before === undefined || nowMs - before.seenMs > gapMsMax)
    return { head, sinceMs: nowMs, seenMs: nowMs, seesWriter: false };
  const hasChanged =
    head.epoch !== before.head.epoch || head.size !== before.head.size || head.beat !== before.head.beat;
  return hasChanged
    ? { head, sinceMs: nowMs, seenMs: nowMs, seesWriter: true }
    : { ...before, seenMs: nowMs };
}
