/**
 * The HSM port without an HSM: same frames, same refusals, keys in the memory of the test. It runs the contract suite
 * that the PKCS#11 adapter runs. It is written against the shape of the port, since a package imports no service.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { type ErrorCode, StrongroomError } from '@strongroom/errors';

export type MemoryHsmKeyReference =
  | { readonly kind: 'token'; readonly label: string }
  | { readonly kind: 'data'; readonly wrappedBy: string; readonly wrapped: Uint8Array };

type StoredKey =
  | { readonly type: 'aes' | 'mac'; readonly secret: Uint8Array }
  | { readonly type: 'signing'; readonly privateKey: KeyObject; readonly publicKey: Uint8Array };
type SecretKey = Extract<StoredKey, { type: 'aes' | 'mac' }>;
type SigningKey = Extract<StoredKey, { type: 'signing' }>;

/**
 * How a call fails: `not-applied` before it did anything; `reply-lost` after it did everything, which a call that
 * changes the token reports as `outcome-unknown`.
 */
export type MemoryHsmFault = 'not-applied' | 'reply-lost';

const nonceBytes = 12;
const tagBytes = 16;
const plaintextBytesMax = 1 << 20;
const dataBytesMax = 16_384;
const wrappedBytes = 40;
/** RFC 5649 section 3. */
const kwpIv = Buffer.from('a65959a6', 'hex');

export class MemoryHsm {
  readonly #keys = new Map<string, StoredKey>();
  readonly #data = new Map<string, Uint8Array>();
  readonly #encryptions = new Map<string, number>();
  readonly #faults = new Map<string, MemoryHsmFault[]>();
  #isAvailable = true;

  /** The device goes away, or comes back with everything it had. */
  setAvailable(isAvailable: boolean): void {
    this.#isAvailable = isAvailable;
  }

  /** The next call of the method fails; called again, the one after it too. */
  failNext(method: Exclude<keyof MemoryHsm, 'setAvailable' | 'failNext'>, fault: MemoryHsmFault): void {
    this.#faults.set(method, [...(this.#faults.get(method) ?? []), fault]);
  }

  describe() {
    const state = this.#isAvailable ? 'ready' : 'recovering';
    return { label: 'memory', model: 'MemoryHsm', serial: '0', state } as const;
  }

  encryptions(key: MemoryHsmKeyReference): number {
    return this.#encryptions.get(nameOf(key)) ?? 0;
  }

  async random(bytes: number): Promise<Uint8Array> {
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > 1_024) throw refusal('request-invalid');
    return this.#read('random', () => randomBytes(bytes));
  }

  async listKeys(labelPrefix: string): Promise<readonly string[]> {
    return this.#read('listKeys', () =>
      [...this.#keys.keys()].filter((label) => label.startsWith(labelPrefix)).sort(),
    );
  }

  async hasKey(label: string): Promise<boolean> {
    return this.#read('hasKey', () => this.#keys.has(label));
  }

  async keyAttributes(label: string) {
    return this.#read('keyAttributes', () => {
      if (!this.#keys.has(label)) throw refusal('absent');
      return {
        sensitive: true,
        extractable: false,
        alwaysSensitive: true,
        neverExtractable: true,
        local: true,
      };
    });
  }

  async createAesKey(label: string, _use: 'encryption' | 'wrapping'): Promise<void> {
    this.#change('createAesKey', () => this.#add(label, { type: 'aes', secret: randomBytes(32) }));
  }

  async createMacKey(label: string): Promise<void> {
    this.#change('createMacKey', () => this.#add(label, { type: 'mac', secret: randomBytes(32) }));
  }

  async createSigningKey(label: string): Promise<Uint8Array> {
    return this.#change('createSigningKey', () => {
      const pair = generateKeyPairSync('ed25519');
      const publicKey = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
      this.#add(label, { type: 'signing', privateKey: pair.privateKey, publicKey });
      return Uint8Array.from(publicKey);
    });
  }

  async destroyKey(label: string): Promise<void> {
    this.#change('destroyKey', () => {
      this.#keys.delete(label);
      this.#data.delete(label);
    });
  }

  async encrypt(
    key: MemoryHsmKeyReference,
    plaintext: Uint8Array,
    associatedData: Uint8Array,
  ): Promise<Uint8Array> {
    if (plaintext.length === 0) throw refusal('request-invalid');
    if (plaintext.length > plaintextBytesMax) throw refusal('message-too-large');
    return this.#read('encrypt', () => {
      const secret = this.#aesSecret(key);
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(associatedData);
      this.#encryptions.set(nameOf(key), this.encryptions(key) + 1);
      return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    });
  }

  async decrypt(
    key: MemoryHsmKeyReference,
    sealed: Uint8Array,
    associatedData: Uint8Array,
  ): Promise<Uint8Array> {
    const overhead = nonceBytes + tagBytes;
    if (sealed.length <= overhead || sealed.length > plaintextBytesMax + overhead) {
      throw refusal('ciphertext-invalid');
    }
    return this.#read('decrypt', () => {
      const decipher = createDecipheriv('aes-256-gcm', this.#aesSecret(key), sealed.subarray(0, nonceBytes))
        .setAAD(associatedData)
        .setAuthTag(sealed.subarray(-tagBytes));
      const plaintext = decipher.update(sealed.subarray(nonceBytes, -tagBytes));
      try {
        return Buffer.concat([plaintext, decipher.final()]);
      } catch (cause) {
        throw new StrongroomError('ciphertext-invalid', { cause });
      }
    });
  }

  async makeDataKey(wrappingLabel: string): Promise<Uint8Array> {
    return this.#change('makeDataKey', () => {
      const cipher = createCipheriv('id-aes256-wrap-pad', this.#secret(wrappingLabel, 'aes'), kwpIv);
      return Buffer.concat([cipher.update(randomBytes(32)), cipher.final()]);
    });
  }

  async mac(label: string, data: Uint8Array): Promise<Uint8Array> {
    if (data.length === 0) throw refusal('request-invalid');
    return this.#read('mac', () => createHmac('sha256', this.#secret(label, 'mac')).update(data).digest());
  }

  async sign(label: string, data: Uint8Array): Promise<Uint8Array> {
    if (data.length === 0) throw refusal('request-invalid');
    return this.#read('sign', () => sign(null, data, this.#signingKey(label).privateKey));
  }

  async publicKey(label: string): Promise<Uint8Array> {
    return this.#read('publicKey', () => Uint8Array.from(this.#signingKey(label).publicKey));
  }

  async readData(label: string): Promise<Uint8Array | undefined> {
    return this.#read('readData', () => {
      const value = this.#data.get(label);
      return value === undefined ? undefined : Uint8Array.from(value);
    });
  }

  async writeData(label: string, value: Uint8Array): Promise<void> {
    if (value.length > dataBytesMax) throw refusal('message-too-large');
    this.#change('writeData', () => {
      this.#data.set(label, Uint8Array.from(value));
    });
  }

  #add(label: string, key: StoredKey): void {
    if (this.#keys.has(label)) throw refusal('already-exists');
    this.#keys.set(label, key);
  }

  #aesSecret(key: MemoryHsmKeyReference): Uint8Array {
    if (key.kind === 'token') return this.#secret(key.label, 'aes');
    const wrapping = this.#secret(key.wrappedBy, 'aes');
    if (key.wrapped.length !== wrappedBytes) throw refusal('ciphertext-invalid');
    const decipher = createDecipheriv('id-aes256-wrap-pad', wrapping, kwpIv);
    try {
      return Buffer.concat([decipher.update(key.wrapped), decipher.final()]);
    } catch (cause) {
      throw new StrongroomError('ciphertext-invalid', { cause });
    }
  }

  #secret(label: string, type: SecretKey['type']): Uint8Array {
    const key = this.#keys.get(label);
    if (key === undefined) throw refusal('absent');
    if (key.type !== type || !('secret' in key)) throw refusal('key-purpose-refused');
    return key.secret;
  }

  #signingKey(label: string): SigningKey {
    const key = this.#keys.get(label);
    if (key === undefined) throw refusal('absent');
    if (key.type !== 'signing') throw refusal('key-purpose-refused');
    return key;
  }

  #read<T>(method: string, effect: () => T): T {
    return this.#call(method, effect, 'hsm-unavailable');
  }

  #change<T>(method: string, effect: () => T): T {
    return this.#call(method, effect, 'outcome-unknown');
  }

  #call<T>(method: string, effect: () => T, whenReplyLost: ErrorCode): T {
    const fault = this.#faults.get(method)?.shift();
    if (!this.#isAvailable || fault === 'not-applied') throw refusal('hsm-unavailable');
    const result = effect();
    if (fault === 'reply-lost') throw refusal(whenReplyLost);
    return result;
  }
}

function nameOf(key: MemoryHsmKeyReference): string {
  if (key.kind === 'token') return `token:${key.label}`;
  return `data:${createHash('sha256').update(key.wrapped).digest('base64')}`;
}

const refusal = (code: ErrorCode): StrongroomError => new StrongroomError(code);
