/**
 * The HSM port without an HSM: same frames, same refusals, keys in the memory of the test. It runs the contract suite
 * that the PKCS#11 adapter runs, and lacks no mechanism. It is written against the shape of the port, since a package
 * imports no service.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { type ErrorCode, isStrongroomError } from '@strongroom/errors';
import { aesCheckValue, secretCheckValue } from './memory-check-value.ts';
import {
  gcmOpen,
  gcmSeal,
  type MemoryKeyWrap,
  oaepOpen,
  requirePlaintext,
  requireSealed,
  requireWrappable,
  requireWrapped,
  unwrap,
  wrap,
} from './memory-cipher.ts';
import { secretBytes } from './memory-key.ts';
import { MemoryKeyStore } from './memory-key-store.ts';
import {
  type MemorySignatureAlgorithm,
  rsaTypes,
  signedValue,
  signValue,
  typesOf,
  verifyValue,
} from './memory-signature.ts';
import { type MemoryHsmFault, refusal } from './memory-token.ts';

export type { MemoryHsmFault } from './memory-token.ts';

export type MemoryHsmKeyReference =
  | { readonly kind: 'token'; readonly label: string }
  | { readonly kind: 'data'; readonly wrappedBy: string; readonly wrapped: Uint8Array };

type Outcome =
  | { readonly status: 'done'; readonly bytes: Uint8Array }
  | { readonly status: 'refused'; readonly code: ErrorCode; readonly detail?: string };

interface Signed {
  readonly label: string;
  readonly data: Uint8Array;
  readonly algorithm: MemorySignatureAlgorithm;
  readonly input: 'message' | 'digest';
}

type Context = { readonly key: MemoryHsmKeyReference; readonly associatedData: Uint8Array };
type Wrapping = { readonly label: string; readonly algorithm: MemoryKeyWrap };

export type MemoryHsmTask =
  | ({ readonly kind: 'encrypt'; readonly plaintext: Uint8Array } & Context)
  | ({ readonly kind: 'decrypt'; readonly sealed: Uint8Array } & Context)
  | {
      readonly kind: 'decrypt-oaep';
      readonly label: string;
      readonly sealed: Uint8Array;
      readonly hash: 'sha256' | 'sha1';
    }
  | ({ readonly kind: 'wrap'; readonly plaintext: Uint8Array } & Wrapping)
  | ({ readonly kind: 'unwrap'; readonly wrapped: Uint8Array } & Wrapping)
  | ({ readonly kind: 'sign' } & Signed)
  | ({ readonly kind: 'verify'; readonly signature: Uint8Array } & Signed)
  | { readonly kind: 'mac'; readonly label: string; readonly data: Uint8Array }
  | { readonly kind: 'random'; readonly bytes: number };

const tasksMax = 512;

export class MemoryHsm extends MemoryKeyStore {
  readonly #encryptions = new Map<string, number>();

  /** The device goes away, or comes back with everything it had. */
  setAvailable(isAvailable: boolean): void {
    this.token.isAvailable = isAvailable;
  }

  /** The next call of the method fails; called again, the one after it too. */
  failNext(method: Exclude<keyof MemoryHsm, 'setAvailable' | 'failNext'>, fault: MemoryHsmFault): void {
    this.token.failNext(method, fault);
  }

  encryptions(key: MemoryHsmKeyReference): number {
    return this.#encryptions.get(nameOf(key)) ?? 0;
  }

  async checkValue(key: MemoryHsmKeyReference): Promise<Uint8Array> {
    return this.token.read('checkValue', () =>
      key.kind === 'token'
        ? secretCheckValue(this.token.find(key.label))
        : aesCheckValue(this.#aesSecret(key)),
    );
  }

  async encrypt(key: MemoryHsmKeyReference, plaintext: Uint8Array, associatedData: Uint8Array) {
    return this.token.read('encrypt', () => this.#run({ kind: 'encrypt', key, plaintext, associatedData }));
  }

  async decrypt(key: MemoryHsmKeyReference, sealed: Uint8Array, associatedData: Uint8Array) {
    return this.token.read('decrypt', () => this.#run({ kind: 'decrypt', key, sealed, associatedData }));
  }

  async decryptOaep(label: string, sealed: Uint8Array, hash: 'sha256' | 'sha1'): Promise<Uint8Array> {
    return this.token.read('decryptOaep', () => this.#run({ kind: 'decrypt-oaep', label, sealed, hash }));
  }

  async makeDataKey(wrappingLabel: string, type: 'aes-128' | 'aes-256' = 'aes-256'): Promise<Uint8Array> {
    return this.token.change('makeDataKey', () =>
      wrap('aes-kwp', this.token.secret(wrappingLabel, 'aes', ['wrap']), randomBytes(secretBytes[type])),
    );
  }

  async wrapBytes(label: string, algorithm: MemoryKeyWrap, plaintext: Uint8Array): Promise<Uint8Array> {
    return this.token.read('wrapBytes', () => this.#run({ kind: 'wrap', label, algorithm, plaintext }));
  }

  async unwrapBytes(label: string, algorithm: MemoryKeyWrap, wrapped: Uint8Array): Promise<Uint8Array> {
    return this.token.read('unwrapBytes', () => this.#run({ kind: 'unwrap', label, algorithm, wrapped }));
  }

  async mac(label: string, data: Uint8Array): Promise<Uint8Array> {
    return this.token.read('mac', () => this.#run({ kind: 'mac', label, data }));
  }

  async sign(
    label: string,
    data: Uint8Array,
    algorithm: MemorySignatureAlgorithm = 'ed25519',
    input: 'message' | 'digest' = 'message',
  ): Promise<Uint8Array> {
    return this.token.read('sign', () => this.#run({ kind: 'sign', label, data, algorithm, input }));
  }

  async verify(
    label: string,
    data: Uint8Array,
    signature: Uint8Array,
    algorithm: MemorySignatureAlgorithm = 'ed25519',
    input: 'message' | 'digest' = 'message',
  ): Promise<boolean> {
    const asked = { kind: 'verify', label, data, signature, algorithm, input } as const;
    return this.token.read('verify', () => this.#run(asked)[0] === 1);
  }

  async runJob(tasks: readonly MemoryHsmTask[]): Promise<readonly Outcome[]> {
    if (tasks.length < 1 || tasks.length > tasksMax) throw refusal('request-invalid');
    return this.token.read('runJob', () => tasks.map((task) => this.#settle(task)));
  }

  #settle(task: MemoryHsmTask): Outcome {
    try {
      return { status: 'done', bytes: this.#run(task) };
    } catch (error) {
      if (!isStrongroomError(error)) throw error;
      const { code, detail } = error;
      return { status: 'refused', code, ...(detail === undefined ? {} : { detail }) };
    }
  }

  #run(task: MemoryHsmTask): Uint8Array {
    switch (task.kind) {
      case 'encrypt': {
        requirePlaintext(task.plaintext);
        const sealed = gcmSeal(this.#aesSecret(task.key), task.plaintext, task.associatedData);
        this.#encryptions.set(nameOf(task.key), this.encryptions(task.key) + 1);
        return sealed;
      }
      case 'decrypt':
        requireSealed(task.sealed);
        return gcmOpen(this.#aesSecret(task.key), task.sealed, task.associatedData);
      case 'decrypt-oaep':
        return oaepOpen(
          this.token.privateKey(task.label, rsaTypes, ['encrypt', 'wrap']),
          task.sealed,
          task.hash,
        );
      case 'wrap':
        requireWrappable(task.algorithm, task.plaintext);
        return wrap(task.algorithm, this.token.secret(task.label, 'aes', ['wrap']), task.plaintext);
      case 'unwrap':
        requireWrapped(task.algorithm, task.wrapped);
        return unwrap(task.algorithm, this.token.secret(task.label, 'aes', ['wrap']), task.wrapped);
      case 'sign':
        return signValue(task.algorithm, ...this.#signing(task));
      case 'verify':
        return Uint8Array.of(verifyValue(task.algorithm, ...this.#signing(task), task.signature) ? 1 : 0);
      case 'mac':
        return this.#mac(task.label, task.data);
      case 'random':
        return this.randomNow(task.bytes);
    }
  }

  #signing({ label, data, algorithm, input }: Signed) {
    const value = signedValue(algorithm, data, input);
    return [this.token.privateKey(label, typesOf(algorithm), ['sign']), value] as const;
  }

  #mac(label: string, data: Uint8Array): Uint8Array {
    if (data.length === 0) throw refusal('request-invalid');
    const secret = this.token.secret(label, 'hmac');
    return createHmac(`sha${secret.length * 8}`, secret)
      .update(data)
      .digest();
  }

  #aesSecret(key: MemoryHsmKeyReference): Uint8Array {
    if (key.kind === 'token') return this.token.secret(key.label, 'aes');
    const wrapping = this.token.secret(key.wrappedBy, 'aes', ['wrap']);
    if (key.wrapped.length !== 24 && key.wrapped.length !== 40) throw refusal('ciphertext-invalid');
    return unwrap('aes-kwp', wrapping, key.wrapped);
  }
}

function nameOf(key: MemoryHsmKeyReference): string {
  if (key.kind === 'token') return `token:${key.label}`;
  return `data:${createHash('sha256').update(key.wrapped).digest('base64')}`;
}
