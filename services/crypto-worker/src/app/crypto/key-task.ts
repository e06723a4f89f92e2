/**
 * What a key is used for, as data: all tasks of a call go to the HSM as one job, whatever keys, versions and verbs they are
 * of. A step is an item on its way: it is done, or waits for the output of one task.
 */
import type { HsmTask, HsmTaskOf } from '../../ports/hsm.ts';
import type { CountedVersion } from './count-invocations.ts';
import type { KeyReference } from './key-in-use.ts';

/** A task of the HSM, or of a key in the worker's memory. A plaintext is zeroed once its task is done. */
export type KeyTask =
  | (Omit<HsmTaskOf<'encrypt'>, 'key'> & { readonly key: KeyReference; readonly counted: CountedVersion })
  | (Omit<HsmTaskOf<'decrypt'>, 'key'> & { readonly key: KeyReference })
  /** RSA-OAEP with SHA-256, to the public half (SPKI DER): refused where the token could not decrypt it. */
  | { readonly kind: 'encrypt-oaep'; readonly publicKey: Uint8Array; readonly plaintext: Uint8Array }
  | Exclude<HsmTask, { readonly kind: 'encrypt' | 'decrypt' }>;

export type Step<Reply> =
  | { readonly status: 'done'; readonly reply: Reply }
  | {
      readonly status: 'task';
      readonly task: KeyTask;
      /** The output is the step's: where it is secret, the step zeroes it. Throws the item's refusal. */
      readonly next: (output: Uint8Array) => Step<Reply>;
    };

export const done = <Reply>(reply: Reply): Step<Reply> => ({ status: 'done', reply });

export const task = <Reply>(asked: KeyTask, next: (output: Uint8Array) => Step<Reply>): Step<Reply> => ({
  status: 'task',
  task: asked,
  next,
});
