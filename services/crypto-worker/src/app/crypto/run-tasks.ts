/**
 * The tasks of a call, each where its key is: those of the HSM as one job, of whatever kinds they are; those of keys in memory
 * and of public halves here.
 */
import { StrongroomError } from '@strongroom/errors';
import type { Hsm, HsmTask, HsmTaskOutcome } from '../../ports/hsm.ts';
import type { KeyTask } from './key-task.ts';
import { oaepEncrypt } from './oaep-encrypt.ts';
import { isSoftwareTask, runInSoftware, type SoftwareTask } from './run-in-software.ts';
import { type RunTasks, refusalOf } from './run-steps.ts';
import type { SoftwareKeys } from './software-keys.ts';

export interface RunTasksParts {
  readonly hsm: Pick<Hsm, 'runJob' | 'capabilities'>;
  readonly softwareKeys: Pick<SoftwareKeys, 'get'>;
}

type Output = Uint8Array | StrongroomError;
type OaepTask = Extract<KeyTask, { readonly kind: 'encrypt-oaep' }>;
type Place = 'hsm' | 'software' | 'public-half';

export function makeRunTasks({ hsm, softwareKeys }: RunTasksParts): RunTasks {
  const runners: Readonly<Record<Place, RunTasks>> = {
    hsm: async (tasks) => (await hsm.runJob(tasks as readonly HsmTask[])).map(outputOf),
    software: async (tasks) => runInSoftware(softwareKeys, tasks as readonly SoftwareTask[]),
    'public-half': async (tasks) => {
      const outputs: Output[] = [];
      for (const task of tasks as readonly OaepTask[])
        outputs.push(await attempt(() => oaepEncrypt(hsm, task.publicKey, task.plaintext)));
      return outputs;
    },
  };
  return async (tasks) => {
    const outputs = new Array<Output>(tasks.length);
    for (const [place, numbers] of Map.groupBy(tasks.keys(), (at) => placeOf(tasks[at] as KeyTask))) {
      const made = await runners[place](numbers.map((at) => tasks[at] as KeyTask));
      for (const [number, at] of numbers.entries()) outputs[at] = made[number] as Output;
    }
    return outputs;
  };
}

function placeOf(task: KeyTask): Place {
  if (isSoftwareTask(task)) return 'software';
  return task.kind === 'encrypt-oaep' ? 'public-half' : 'hsm';
}

function outputOf(outcome: HsmTaskOutcome): Output {
  if (outcome.status === 'done') return outcome.bytes;
  const { code, detail } = outcome;
  return new StrongroomError(code, detail === undefined ? {} : { detail });
}

async function attempt(use: () => Promise<Uint8Array>): Promise<Output> {
  try {
    return await use();
  } catch (fault) {
    return refusalOf(fault).error;
  }
}
