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

type Context = { readonly key: MemoryHsmKeyReference; readonly associatedData: Uint8Array };
type Outcome =
  | { readonly status: 'done'; readonly bytes: Uint8Array }
  | { readonly status: 'refused'; readonly code: ErrorCode };

const itemsMax = 512;

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
    return this.token.read('encrypt', () => this.#encrypt({ key, plaintext, associatedData }));
  }

  async decrypt(key: MemoryHsmKeyReference, sealed: Uint8Array, associatedData: Uint8Array) {
    return this.token.read('decrypt', () => this.#decrypt({ key, sealed, associatedData }));
  }

  async encryptBatch(items: readonly (Context & { readonly plaintext: Uint8Array })[]) {
    return this.#batch('encryptBatch', items, (item) => this.#encrypt(item));
  }

  async decryptBatch(items: readonly (Context & { readonly sealed: Uint8Array })[]) {
    return this.#batch('decryptBatch', items, (item) => this.#decrypt(item));
  }

  async decryptOaep(label: string, ciphertext: Uint8Array, hash: 'sha256' | 'sha1'): Promise<Uint8Array> {
    return this.token.read('decryptOaep', () =>
      oaepOpen(this.token.privateKey(label, rsaTypes, ['encrypt', 'wrap']), ciphertext, hash),
    );
  }

  async makeDataKey(wrappingLabel: string, type: 'aes-128' | 'aes-256' = 'aes-256'): Promise<Uint8Array> {
    return this.token.change('makeDataKey', () =>
      wrap('aes-kwp', this.token.secret(wrappingLabel, 'aes', ['wrap']), randomBytes(secretBytes[type])),
    );
  }

  async wrapBytes(label: string, algorithm: MemoryKeyWrap, bytes: Uint8Array): Promise<Uint8Array> {
    requireWrappable(algorithm, bytes);
    return this.token.read('wrapBytes', () =>
      wrap(algorithm, this.token.secret(label, 'aes', ['wrap']), bytes),
    );
  }

  async unwrapBytes(label: string, algorithm: MemoryKeyWrap, wrapped: Uint8Array): Promise<Uint8Array> {
    requireWrapped(algorithm, wrapped);
    return this.token.read('unwrapBytes', () =>
      unwrap(algorithm, this.token.secret(label, 'aes', ['wrap']), wrapped),
    );
  }

  async mac(label: string, data: Uint8Array): Promise<Uint8Array> {
    return this.token.read('mac', () => this.#mac({ label, data }));
  }

  async macBatch(items: readonly { readonly label: string; readonly data: Uint8Array }[]) {
    return this.#batch('macBatch', items, (item) => this.#mac(item));
  }

  async sign(
    label: string,
    data: Uint8Array,
    algorithm: MemorySignatureAlgorithm = 'ed25519',
    input: 'message' | 'digest' = 'message',
  ): Promise<Uint8Array> {
    return this.token.read('sign', () => this.#sign({ label, data, algorithm, input }));
  }

  async signBatch(items: readonly SignItem[]) {
    return this.#batch('signBatch', items, (item) => this.#sign(item));
  }

  async verify(
    label: string,
    data: Uint8Array,
    signature: Uint8Array,
    algorithm: MemorySignatureAlgorithm = 'ed25519',
    input: 'message' | 'digest' = 'message',
  ): Promise<boolean> {
    const value = signedValue(algorithm, data, input);
    return this.token.read('verify', () => {
      const key = this.token.privateKey(label, typesOf(algorithm), ['sign']);
      return verifyValue(algorithm, key, value, signature);
    });
  }

  #encrypt({ key, plaintext, associatedData }: Context & { readonly plaintext: Uint8Array }): Uint8Array {
    requirePlaintext(plaintext);
    const sealed = gcmSeal(this.#aesSecret(key), plaintext, associatedData);
    this.#encryptions.set(nameOf(key), this.encryptions(key) + 1);
    return sealed;
  }

  #decrypt({ key, sealed, associatedData }: Context & { readonly sealed: Uint8Array }): Uint8Array {
    requireSealed(sealed);
    return gcmOpen(this.#aesSecret(key), sealed, associatedData);
  }

  #mac({ label, data }: { readonly label: string; readonly data: Uint8Array }): Uint8Array {
    if (data.length === 0) throw refusal('request-invalid');
    const secret = this.token.secret(label, 'hmac');
    return createHmac(`sha${secret.length * 8}`, secret)
      .update(data)
      .digest();
  }

  #sign({ label, data, algorithm, input }: SignItem): Uint8Array {
    const value = signedValue(algorithm, data, input);
    return signValue(algorithm, this.token.privateKey(label, typesOf(algorithm), ['sign']), value);
  }

  #batch<Item>(method: string, items: readonly Item[], one: (item: Item) => Uint8Array): Outcome[] {
    if (items.length < 1 || items.length > itemsMax) throw refusal('request-invalid');
    return this.token.read(method, () =>
      items.map((item): Outcome => {
        try {
          return { status: 'done', bytes: one(item) };
        } catch (error) {
          if (!isStrongroomError(error)) throw error;
          return { status: 'refused', code: error.code };
        }
      }),
    );
  }

  #aesSecret(key: MemoryHsmKeyReference): Uint8Array {
    if (key.kind === 'token') return this.token.secret(key.label, 'aes');
    const wrapping = this.token.secret(key.wrappedBy, 'aes', ['wrap']);
    if (key.wrapped.length !== 24 && key.wrapped.length !== 40) throw refusal('ciphertext-invalid');
    return unwrap('aes-kwp', wrapping, key.wrapped);
  }
}

interface SignItem {
  readonly label: string;
  readonly data: Uint8Array;
  readonly algorithm: MemorySignatureAlgorithm;
  readonly input: 'message' | 'digest';
}

function nameOf(key: MemoryHsmKeyReference): string {
  if (key.kind === 'token') return `token:${key.label}`;
  return `data:${createHash('sha256').update(key.wrapped).digest('base64')}`;
}
