/** The tasks of a call as one job: of the HSM, or of keys in memory. */
import type { StrongroomError } from '@strongroom/errors';
import type { Hsm, HsmKeyReference } from '../../ports/hsm.ts';
import type { KeyTask } from './key-task.ts';
import { isSoftwareTask, runInSoftware, type SoftwareTask } from './run-in-software.ts';
import { type RunTasks, refusalOf } from './run-steps.ts';
import type { SoftwareKeys } from './software-keys.ts';

export interface RunTasksParts {
  readonly hsm: Pick<Hsm, 'encrypt' | 'decrypt' | 'random'>;
  readonly softwareKeys: Pick<SoftwareKeys, 'get'>;
}

type Output = Uint8Array | StrongroomError;

export function makeRunTasks({ hsm, softwareKeys }: RunTasksParts): RunTasks {
  return async (tasks) => {
    const outputs = new Array<Output>(tasks.length);
    const isInSoftware = Map.groupBy(tasks.keys(), (at) => isSoftwareTask(tasks[at] as KeyTask));
    const inSoftware = isInSoftware.get(true) ?? [];
    const made = await runInSoftware(
      softwareKeys,
      inSoftware.map((at) => tasks[at] as SoftwareTask),
    );
    for (const [number, at] of inSoftware.entries()) outputs[at] = made[number] as Output;
    for (const at of isInSoftware.get(false) ?? []) outputs[at] = await attempt(tasks[at] as KeyTask);
    return outputs;
  };

  async function attempt(task: KeyTask): Promise<Output> {
    try {
      return await runOne(task);
    } catch (fault) {
      return refusalOf(fault).error;
    }
  }

  function runOne(task: KeyTask): Promise<Uint8Array> {
    switch (task.kind) {
      case 'encrypt':
        return hsm.encrypt(task.key as HsmKeyReference, task.plaintext, task.associatedData);
      case 'decrypt':
        return hsm.decrypt(task.key as HsmKeyReference, task.sealed, task.associatedData);
      case 'random':
        return hsm.random(task.bytes);
    }
  }
}
