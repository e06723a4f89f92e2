/** One deadline for a call and everything that it does, repetitions included. */
import { StrongroomError } from '@strongroom/errors';

export interface Deadline extends Disposable {
  /** Wall clock: what the worker is told. */
  readonly atMs: number;
  /** Aborts at the deadline or when the caller gives up, with the coded error as its reason. */
  readonly signal: AbortSignal;
}

export function startDeadline(afterMs: number, nowMs: number, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const abort = (detail: string) => controller.abort(new StrongroomError('deadline-exceeded', { detail }));
  const giveUp = () => abort('the caller gave up');
  const timer = setTimeout(() => abort('no answer came in time'), afterMs);
  caller?.addEventListener('abort', giveUp, { once: true });
  if (caller?.aborted === true) giveUp();
  return {
    atMs: nowMs + afterMs,
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', giveUp);
    },
  };
}

/** The promise, or the reason of the signal if that comes first. What the promise does later is nobody's concern. */
export async function until<Result>(signal: AbortSignal, promise: Promise<Result>): Promise<Result> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
