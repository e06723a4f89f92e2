/** The tasks of a call as one job of the HSM. */
import type { Hsm } from '../../ports/hsm.ts';
import type { KeyTask } from './key-task.ts';
import { type RunTasks, refusalOf } from './run-steps.ts';

export type TaskHsm = Pick<Hsm, 'encrypt' | 'decrypt' | 'random'>;

export function makeRunTasks(hsm: TaskHsm): RunTasks {
  return async (tasks) => {
    const outputs = [];
    for (const task of tasks) outputs.push(await attempt(hsm, task));
    return outputs;
  };
}

async function attempt(hsm: TaskHsm, task: KeyTask) {
  try {
    return await carryOut(hsm, task);
  } catch (fault) {
    return refusalOf(fault).error;
  }
}

function carryOut(hsm: TaskHsm, task: KeyTask): Promise<Uint8Array> {
  switch (task.kind) {
    case 'encrypt':
      return hsm.encrypt(task.key, task.plaintext, task.associatedData);
    case 'decrypt':
      return hsm.decrypt(task.key, task.sealed, task.associatedData);
    case 'random':
      return hsm.random(task.bytes);
  }
}
