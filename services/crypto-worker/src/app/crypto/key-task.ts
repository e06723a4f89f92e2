/**
 * What a key is used for, as data: all tasks of a call go to the HSM as one job, whatever keys, versions and verbs they are
 * of. A step is an item on its way: it is done, or waits for the output of one task.
 */
import type { HsmKeyWrap, HsmSignItem } from '../../ports/hsm.ts';
import type { CountedVersion } from './count-invocations.ts';
import type { KeyReference } from './key-in-use.ts';

export type KeyTask =
  | {
      readonly kind: 'encrypt';
      readonly key: KeyReference;
      readonly counted: CountedVersion;
      /** Zeroed once the task is done. */
      readonly plaintext: Uint8Array;
      readonly associatedData: Uint8Array;
    }
  | {
      readonly kind: 'decrypt';
      readonly key: KeyReference;
      readonly sealed: Uint8Array;
      readonly associatedData: Uint8Array;
    }
  /** RSA-OAEP with SHA-256, to the public half (SPKI DER): refused where the token could not decrypt it. */
  | {
      readonly kind: 'encrypt-oaep';
      readonly publicKey: Uint8Array;
      /** Zeroed once the task is done. */
      readonly plaintext: Uint8Array;
    }
  | { readonly kind: 'decrypt-oaep'; readonly label: string; readonly sealed: Uint8Array }
  | {
      readonly kind: 'wrap';
      readonly label: string;
      readonly algorithm: HsmKeyWrap;
      /** Zeroed once the task is done. */
      readonly plaintext: Uint8Array;
    }
  | {
      readonly kind: 'unwrap';
      readonly label: string;
      readonly algorithm: HsmKeyWrap;
      readonly wrapped: Uint8Array;
    }
  | ({ readonly kind: 'sign' } & HsmSignItem)
  /** The output is one octet: 1 for a signature that is the key's, else 0. */
  | ({ readonly kind: 'verify'; readonly signature: Uint8Array } & HsmSignItem)
  | { readonly kind: 'mac'; readonly label: string; readonly data: Uint8Array }
  | { readonly kind: 'random'; readonly bytes: number };

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
