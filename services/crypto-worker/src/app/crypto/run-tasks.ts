/**
 * The tasks of a call as one job of the HSM, or of a key in memory. Tasks of one kind go together; a single one goes by itself,
 * because its refusal can say more than a code.
 */
import { StrongroomError } from '@strongroom/errors';
import type { Hsm, HsmDecryptItem, HsmEncryptItem, HsmItemOutcome } from '../../ports/hsm.ts';
import type { KeyTask } from './key-task.ts';
import { oaepEncrypt } from './oaep-encrypt.ts';
import { isSoftwareTask, runInSoftware, type SoftwareTask } from './run-in-software.ts';
import { type RunTasks, refusalOf } from './run-steps.ts';
import type { SoftwareKeys } from './software-keys.ts';

export type TaskHsm = Pick<
  Hsm,
  | 'encrypt'
  | 'decrypt'
  | 'capabilities'
  | 'decryptOaep'
  | 'wrapBytes'
  | 'unwrapBytes'
  | 'sign'
  | 'verify'
  | 'mac'
  | 'random'
  | 'encryptBatch'
  | 'decryptBatch'
  | 'signBatch'
  | 'macBatch'
>;

export interface RunTasksParts {
  readonly hsm: TaskHsm;
  readonly softwareKeys: Pick<SoftwareKeys, 'get'>;
}

type Output = Uint8Array | StrongroomError;
type Kind = KeyTask['kind'];
type TaskOf<Name extends Kind> = Extract<KeyTask, { readonly kind: Name }>;
type Lane = Kind | 'software';

export function makeRunTasks({ hsm, softwareKeys }: RunTasksParts): RunTasks {
  return async (tasks) => {
    const lanes = Map.groupBy(tasks.keys(), (at) => laneOf(tasks[at] as KeyTask));
    const outputs = new Array<Output>(tasks.length);
    for (const [lane, places] of lanes) {
      const its = places.map((at) => tasks[at] as KeyTask);
      const made = await runLane(lane, its);
      for (const [number, at] of places.entries()) outputs[at] = made[number] as Output;
    }
    return outputs;
  };

  async function runLane(lane: Lane, tasks: readonly KeyTask[]): Promise<readonly Output[]> {
    if (lane === 'software') return runInSoftware(softwareKeys, tasks as readonly SoftwareTask[]);
    const batch = tasks.length > 1 ? batchOf(lane, tasks) : undefined;
    if (batch !== undefined) return (await batch).map(outputOf);
    const outputs: Output[] = [];
    for (const task of tasks) outputs.push(await attempt(() => runOne(task)));
    return outputs;
  }

  /** `undefined` for a kind that the port has no batch of. */
  function batchOf(lane: Lane, tasks: readonly KeyTask[]): Promise<readonly HsmItemOutcome[]> | undefined {
    switch (lane) {
      case 'encrypt':
        return hsm.encryptBatch(tasks as readonly HsmEncryptItem[]);
      case 'decrypt':
        return hsm.decryptBatch(tasks as readonly HsmDecryptItem[]);
      case 'sign':
        return hsm.signBatch(tasks as readonly TaskOf<'sign'>[]);
      case 'mac':
        return hsm.macBatch(tasks as readonly TaskOf<'mac'>[]);
      default:
        return undefined;
    }
  }

  async function runOne(task: KeyTask): Promise<Uint8Array> {
    switch (task.kind) {
      case 'encrypt':
        return hsm.encrypt((task as HsmEncryptItem).key, task.plaintext, task.associatedData);
      case 'decrypt':
        return hsm.decrypt((task as HsmDecryptItem).key, task.sealed, task.associatedData);
      case 'encrypt-oaep':
        return oaepEncrypt(hsm, task.publicKey, task.plaintext);
      case 'decrypt-oaep':
        return hsm.decryptOaep(task.label, task.sealed, 'sha256');
      case 'wrap':
        return hsm.wrapBytes(task.label, task.algorithm, task.plaintext);
      case 'unwrap':
        return hsm.unwrapBytes(task.label, task.algorithm, task.wrapped);
      case 'sign':
        return hsm.sign(task.label, task.data, task.algorithm, task.input);
      case 'verify': {
        const { label, data, signature, algorithm, input } = task;
        return Uint8Array.of((await hsm.verify(label, data, signature, algorithm, input)) ? 1 : 0);
      }
      case 'mac':
        return hsm.mac(task.label, task.data);
      case 'random':
        return hsm.random(task.bytes);
    }
  }
}

const laneOf = (task: KeyTask): Lane => (isSoftwareTask(task) ? 'software' : task.kind);

const outputOf = (outcome: HsmItemOutcome): Output =>
  outcome.status === 'done' ? outcome.bytes : new StrongroomError(outcome.code);

async function attempt(use: () => Promise<Uint8Array>): Promise<Output> {
  try {
    return await use();
  } catch (fault) {
    return refusalOf(fault).error;
  }
}
