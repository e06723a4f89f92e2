/** The half of `MemoryHsm` that looks after what is on the token. */
import { randomBytes } from 'node:crypto';
import { memoryCapabilities } from './memory-capabilities.ts';
import { oaepOpen, unwrap, wrap } from './memory-cipher.ts';
import {
  generateKey,
  letOut,
  type MemoryKeySpec,
  requirePublicKey,
  requireSpec,
  spkiOf,
  takeIn,
  usagesOf,
} from './memory-key.ts';
import { rsaTypes } from './memory-signature.ts';
import { MemoryToken, refusal } from './memory-token.ts';

interface MemoryWrappedKey {
  readonly scheme: 'aes-kwp' | 'rsa-aes-kwp';
  readonly wrappedBy: string;
  readonly wrapped: Uint8Array;
  readonly oaepHash?: 'sha256' | 'sha1';
  readonly publicKey?: Uint8Array;
}

const dataBytesMax = 16_384;
const wrappedBytesMax = 8_192;

export class MemoryKeyStore {
  protected readonly token = new MemoryToken();

  describe() {
    const state = this.token.isAvailable ? 'ready' : 'recovering';
    return { label: 'memory', model: 'MemoryHsm', serial: '0', state } as const;
  }

  async capabilities() {
    return this.token.read('capabilities', () => memoryCapabilities);
  }

  async random(bytes: number): Promise<Uint8Array> {
    return this.token.read('random', () => this.randomNow(bytes));
  }

  protected randomNow(bytes: number): Uint8Array {
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > 1_024) throw refusal('request-invalid');
    return randomBytes(bytes);
  }

  async listKeys(labelPrefix: string): Promise<readonly string[]> {
    return this.token.read('listKeys', () =>
      [...this.token.keys.keys()].filter((label) => label.startsWith(labelPrefix)).sort(),
    );
  }

  async hasKey(label: string): Promise<boolean> {
    return this.token.read('hasKey', () => this.token.keys.has(label));
  }

  async keyAttributes(label: string) {
    return this.token.read('keyAttributes', () => {
      const key = this.token.find(label);
      const extractable = key.spec.exportable ?? false;
      const isBornAndKept = key.local && !extractable;
      return {
        type: key.spec.type,
        sensitive: true,
        extractable,
        alwaysSensitive: key.local,
        neverExtractable: isBornAndKept,
        local: key.local,
        usages: usagesOf(key),
      };
    });
  }

  async createKey(label: string, spec: MemoryKeySpec): Promise<Uint8Array | undefined> {
    requireSpec(spec);
    return this.token.change('createKey', () => {
      const key = generateKey(spec);
      this.token.add(label, key);
      return spkiOf(key);
    });
  }

  async importKey(
    label: string,
    spec: MemoryKeySpec,
    { scheme, wrappedBy, wrapped, oaepHash, publicKey }: MemoryWrappedKey,
  ): Promise<Uint8Array | undefined> {
    requireSpec(spec);
    requirePublicKey(spec, publicKey);
    if (wrapped.length > wrappedBytesMax) throw refusal('ciphertext-invalid');
    return this.token.change('importKey', () => {
      if (this.token.keys.has(label)) throw refusal('already-exists');
      const octets =
        scheme === 'aes-kwp'
          ? unwrap('aes-kwp', this.token.secret(wrappedBy, 'aes', ['wrap']), wrapped)
          : this.#unwrapTwice(wrappedBy, wrapped, oaepHash ?? 'sha256');
      const key = takeIn(spec, octets, publicKey);
      this.token.add(label, key);
      return spkiOf(key);
    });
  }

  async exportKey(label: string, wrappingLabel: string): Promise<Uint8Array> {
    return this.token.read('exportKey', () => {
      const wrapping = this.token.secret(wrappingLabel, 'aes', ['wrap']);
      const key = this.token.find(label);
      if (key.spec.exportable !== true) throw refusal('key-purpose-refused');
      return wrap('aes-kwp', wrapping, letOut(key));
    });
  }

  async publicKey(label: string): Promise<Uint8Array> {
    return this.token.read('publicKey', () => {
      const spki = spkiOf(this.token.find(label));
      if (spki === undefined) throw refusal('key-purpose-refused');
      return Uint8Array.from(spki);
    });
  }

  async destroyKey(label: string): Promise<void> {
    this.token.change('destroyKey', () => {
      this.token.keys.delete(label);
      this.token.data.delete(label);
    });
  }

  async readData(label: string): Promise<Uint8Array | undefined> {
    return this.token.read('readData', () => {
      const value = this.token.data.get(label);
      return value === undefined ? undefined : Uint8Array.from(value);
    });
  }

  async writeData(label: string, value: Uint8Array): Promise<void> {
    if (value.length > dataBytesMax) throw refusal('message-too-large');
    this.token.change('writeData', () => {
      this.token.data.set(label, Uint8Array.from(value));
    });
  }

  #unwrapTwice(label: string, wrapped: Uint8Array, hash: 'sha256' | 'sha1'): Uint8Array {
    const key = this.token.privateKey(label, rsaTypes, ['wrap']);
    const bytes = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
    const transport = oaepOpen(key, wrapped.subarray(0, bytes), hash);
    if (transport.length !== 32) throw refusal('ciphertext-invalid');
    return unwrap('aes-kwp', transport, wrapped.subarray(bytes));
  }
}
