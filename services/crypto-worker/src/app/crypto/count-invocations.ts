/** Before an encryption the worker has a reservation for it: whatever verb it is of, wherever its key is used. */
import type { StrongroomError } from '@strongroom/errors';
import type { KeyRecord } from '../../domain/record.ts';
import type { GcmInvocations } from '../key/gcm-invocations.ts';
import type { KeyTask } from './key-task.ts';
import { type RunTasks, refusalOf } from './run-steps.ts';

/** One object for one version, so that the tasks of a call are counted together. */
export interface CountedVersion {
  readonly key: KeyRecord;
  readonly version: number;
}

/** A version that is used up refuses its own tasks; what keeps a reservation from being made refuses the call. */
export function makeCountedTasks(invocations: Pick<GcmInvocations, 'take'>, run: RunTasks): RunTasks {
  return async (tasks) => {
    const refusals = await refusalsOf(invocations, tasks);
    if (refusals.size === 0) return run(tasks);
    const refusalOfTask = (task: KeyTask) =>
      task.kind === 'encrypt' ? refusals.get(task.counted) : undefined;
    const outputs = [...(await run(tasks.filter((task) => refusalOfTask(task) === undefined)))];
    return tasks.map((task) => refusalOfTask(task) ?? (outputs.shift() as Uint8Array | StrongroomError));
  };
}

async function refusalsOf(
  invocations: Pick<GcmInvocations, 'take'>,
  tasks: readonly KeyTask[],
): Promise<ReadonlyMap<CountedVersion, StrongroomError>> {
  const counts = new Map<CountedVersion, number>();
  for (const task of tasks)
    if (task.kind === 'encrypt') counts.set(task.counted, (counts.get(task.counted) ?? 0) + 1);
  const refusals = new Map<CountedVersion, StrongroomError>();
  for (const [counted, count] of counts)
    try {
      await invocations.take(counted.key, counted.version, count);
    } catch (fault) {
      refusals.set(counted, refusalOf(fault).error);
    }
  return refusals;
}
