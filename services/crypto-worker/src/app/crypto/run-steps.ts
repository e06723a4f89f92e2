/** Brings steps to their end: all tasks that are due go out together, until none is left. */
import { errorCatalogue, isStrongroomError, type StrongroomError } from '@strongroom/errors';
import type { KeyTask, Step } from './key-task.ts';

export type Settled<Reply> =
  | { readonly status: 'done'; readonly reply: Reply }
  | { readonly status: 'refused'; readonly error: StrongroomError };

/** One output or refusal for each task, in order. Throws what is about the HSM and not about one task. */
export type RunTasks = (tasks: readonly KeyTask[]) => Promise<readonly (Uint8Array | StrongroomError)[]>;

type Place<Reply> = Step<Reply> | Settled<Reply>;

/** Throws the fault of a start or a step that is not about its item alone. */
export async function runSteps<Reply>(
  run: RunTasks,
  starts: readonly (() => Step<Reply>)[],
): Promise<readonly Settled<Reply>[]> {
  const places: Place<Reply>[] = starts.map(attempt);
  for (;;) {
    const waiting = [...places.entries()].flatMap(([at, place]) =>
      place.status === 'task' ? [{ at, ...place }] : [],
    );
    if (waiting.length === 0) return places as Settled<Reply>[];
    const tasks = waiting.map(({ task }) => task);
    try {
      const outputs = await run(tasks);
      for (const [number, { at, next }] of waiting.entries()) {
        const output = outputs[number] as Uint8Array | StrongroomError;
        places[at] = isStrongroomError(output)
          ? refusalOf(output)
          : attempt(() => next(output as Uint8Array));
      }
    } finally {
      for (const task of tasks) if ('plaintext' in task) task.plaintext.fill(0);
    }
  }
}

function attempt<Reply>(start: () => Step<Reply>): Place<Reply> {
  try {
    return start();
  } catch (fault) {
    return refusalOf(fault);
  }
}

/** What is about this one item is its own outcome; what is about the platform is everybody's. */
export function refusalOf(fault: unknown): { readonly status: 'refused'; readonly error: StrongroomError } {
  if (isStrongroomError(fault) && errorCatalogue[fault.code].retry === 'never')
    return { status: 'refused', error: fault };
  throw fault;
}
