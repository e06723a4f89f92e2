/** Tasks of keys of protection `software`: each key is made hot once, then all of its tasks run without a pause. */
import { type KeyObject, randomFillSync } from 'node:crypto';
import { isStrongroomError, type StrongroomError } from '@strongroom/errors';
import type { KeyTask } from './key-task.ts';
import { refusalOf } from './run-steps.ts';
import { nonceBytes, softwareOpen, softwareSeal } from './software-gcm.ts';
import type { SoftwareKeyReference, SoftwareKeys } from './software-keys.ts';

export type SoftwareTask = Extract<KeyTask, { readonly kind: 'encrypt' | 'decrypt' }> & {
  readonly key: SoftwareKeyReference;
};

type Output = Uint8Array | StrongroomError;

export function isSoftwareTask(task: KeyTask): task is SoftwareTask {
  return (task.kind === 'encrypt' || task.kind === 'decrypt') && task.key.kind === 'software';
}

export async function runInSoftware(
  softwareKeys: Pick<SoftwareKeys, 'get'>,
  tasks: readonly SoftwareTask[],
): Promise<readonly Output[]> {
  const keys = await openKeys(softwareKeys, tasks);
  // Random nonces of 96 bits, drawn for the whole job at once.
  const nonces = randomFillSync(new Uint8Array(nonceBytes * tasks.length));
  return tasks.map((task, number) => {
    const key = keys.get(task.key) as KeyObject | StrongroomError;
    if (isStrongroomError(key)) return key;
    try {
      if (task.kind === 'decrypt') return softwareOpen(key, task.sealed, task.associatedData);
      const nonce = nonces.subarray(number * nonceBytes, (number + 1) * nonceBytes);
      return softwareSeal(key, nonce, task.plaintext, task.associatedData);
    } catch (fault) {
      return refusalOf(fault).error;
    }
  });
}

async function openKeys(softwareKeys: Pick<SoftwareKeys, 'get'>, tasks: readonly SoftwareTask[]) {
  const keys = new Map<SoftwareKeyReference, KeyObject | StrongroomError>();
  for (const { key } of tasks) {
    if (keys.has(key)) continue;
    try {
      keys.set(key, await softwareKeys.get(key));
    } catch (fault) {
      keys.set(key, refusalOf(fault).error);
    }
  }
  return keys;
}
