/**
 * The HSM port on a PKCS#11 token: which work runs for which method, as a call that reads or as one that changes. How a
 * call is carried out and judged is in `token-calls.ts`, what the work does in the files beside it.
 */
import type { Hsm, HsmDescription } from '../../ports/hsm.ts';
import type * as Key from '../../ports/hsm-key.ts';
import { capabilitiesOf, requireCapability } from './capabilities.ts';
import { readCheckValue } from './check-value.ts';
import { type Cryptoki, loadCryptoki } from './cryptoki.ts';
import { dataKeyName } from './data-keys.ts';
import { readDataObject, writeDataObject } from './data-object.ts';
import { InvocationCounts } from './invocation-counts.ts';
import { requireJob, runJob, runQuickJob } from './job.ts';
import { attributesOf } from './key-attributes.ts';
import { isKeyProper, keyLabels } from './key-handles.ts';
import { createKey, destroyKey, makeDataKey, requireSpec } from './key-maker.ts';
import { exportKey, importKey, requireImport } from './key-transport.ts';
import { decryptOaep } from './oaep.ts';
import { PinFile } from './pin-file.ts';
import { defaultOptions, type Pkcs11HsmOptions } from './pkcs11-hsm-options.ts';
import { publicKeyOf } from './public-key.ts';
import { randomBytes } from './random-bytes.ts';
import { signatureJob, signOnOtherThread, signOnToken, verifyOnToken } from './signing.ts';
import { TokenCalls } from './token-calls.ts';
import { decryptItem, encryptItem, macItem } from './token-cipher.ts';
import { TokenSupervisor } from './token-supervisor.ts';
import { isQuick } from './token-task.ts';
import { makeTakeTurn } from './token-turn.ts';
import { unwrapBytes, wrapBytes } from './wrapped-bytes.ts';

/**
 * Throws `configuration-invalid` and `mechanism-unsupported`, which time does not mend. A token that is not there, or a
 * refused PIN, is not thrown: the adapter starts in the state `recovering` and goes on by itself.
 *
 * The module is initialised for the whole process, so there is one adapter per module and process.
 */
export function openPkcs11Hsm(options: Pkcs11HsmOptions): Pkcs11Hsm {
  return new Pkcs11Hsm(loadCryptoki(options.modulePath), options);
}

export class Pkcs11Hsm implements Hsm {
  readonly #name: { readonly label: string; readonly serial: string };
  readonly #supervisor: TokenSupervisor;
  readonly #invocations = new InvocationCounts();
  readonly #calls: TokenCalls;
  #model = '';

  constructor(cryptoki: Cryptoki, given: Pkcs11HsmOptions) {
    const options = { ...defaultOptions, ...given };
    this.#name = { label: options.tokenLabel, serial: options.tokenSerial };
    this.#supervisor = new TokenSupervisor({
      ...options,
      cryptoki,
      token: this.#name,
      pinFile: new PinFile(options.pinFile),
      invocations: this.#invocations,
    });
    this.#calls = new TokenCalls(this.#supervisor, options.changeMsMax, makeTakeTurn(this.#name));
    this.#supervisor.start();
  }

  /** Resolves when the token is ready; rejects with `hsm-unavailable` and the reason when the signal aborts. */
  ready(signal: AbortSignal): Promise<void> {
    return this.#supervisor.ready(signal);
  }

  /** Waits for calls on other threads, then gives the module back. */
  close(): Promise<void> {
    return this.#supervisor.close();
  }

  describe(): HsmDescription {
    const { current } = this.#supervisor;
    this.#model = current?.slot.model ?? this.#model;
    return { ...this.#name, model: this.#model, state: current === undefined ? 'recovering' : 'ready' };
  }

  encryptions(key: Key.HsmKeyReference): number {
    return this.#invocations.read(key.kind === 'token' ? `token:${key.label}` : dataKeyName(key.wrapped));
  }

  async random(bytes: number): Promise<Uint8Array> {
    return this.#calls.read((connection) => randomBytes(connection, bytes));
  }

  async listKeys(labelPrefix: string): Promise<readonly string[]> {
    return this.#calls.read((connection) =>
      this.#supervisor.patiently(() => keyLabels(connection.listObjects(), labelPrefix)),
    );
  }

  async hasKey(label: string): Promise<boolean> {
    return this.#calls.read((connection) => connection.findObjects(label).some(isKeyProper));
  }

  async keyAttributes(label: string): Promise<Key.HsmKeyAttributes> {
    return this.#calls.read((connection) => attributesOf(connection, label));
  }

  capabilities(): Promise<Key.HsmCapabilities> {
    return this.#calls.readAsync(capabilitiesOf);
  }

  async checkValue(key: Key.HsmKeyReference): Promise<Uint8Array> {
    return this.#calls.read((connection) => readCheckValue(connection, key));
  }

  async createKey(label: string, spec: Key.HsmKeySpec): Promise<Uint8Array | undefined> {
    requireSpec(spec);
    if (spec.exportable === true) await this.#require('exportable', spec.type);
    return this.#calls.change((access) => createKey(access, label, spec));
  }

  async importKey(
    label: string,
    spec: Key.HsmKeySpec,
    wrapped: Key.HsmWrappedKey,
  ): Promise<Uint8Array | undefined> {
    requireSpec(spec);
    requireImport(spec, wrapped);
    await this.#require('importable', spec.type);
    if (spec.exportable === true) await this.#require('exportable', spec.type);
    if (wrapped.scheme === 'rsa-aes-kwp') {
      await this.#require('mechanisms', `rsa-aes-kwp-${wrapped.oaepHash ?? 'sha256'}`);
    }
    return this.#calls.change((access) => importKey(access, label, spec, wrapped));
  }

  async exportKey(label: string, wrappingLabel: string): Promise<Uint8Array> {
    return this.#calls.read((connection) => exportKey(connection, label, wrappingLabel));
  }

  async publicKey(label: string): Promise<Uint8Array> {
    return this.#calls.read((connection) => publicKeyOf(connection, label));
  }

  destroyKey(label: string): Promise<void> {
    return this.#calls.change((access) => destroyKey(access, label));
  }

  async encrypt(
    key: Key.HsmKeyReference,
    plaintext: Uint8Array,
    associatedData: Uint8Array,
  ): Promise<Uint8Array> {
    return this.#calls.read((connection) => encryptItem(connection, { key, plaintext, associatedData }));
  }

  async decrypt(
    key: Key.HsmKeyReference,
    sealed: Uint8Array,
    associatedData: Uint8Array,
  ): Promise<Uint8Array> {
    return this.#calls.read((connection) => decryptItem(connection, { key, sealed, associatedData }));
  }

  async decryptOaep(label: string, ciphertext: Uint8Array, hash: Key.HsmOaepHash): Promise<Uint8Array> {
    await this.#require('mechanisms', `rsa-oaep-${hash}`);
    return this.#calls.readAsync((connection) => decryptOaep(connection, label, ciphertext, hash));
  }

  makeDataKey(wrappingLabel: string, type: Key.HsmAesType = 'aes-256'): Promise<Uint8Array> {
    return this.#calls.change((access) => makeDataKey(access, wrappingLabel, type));
  }

  async wrapBytes(label: string, algorithm: Key.HsmKeyWrap, bytes: Uint8Array): Promise<Uint8Array> {
    return this.#calls.read((connection) => wrapBytes(connection, label, algorithm, bytes));
  }

  async unwrapBytes(label: string, algorithm: Key.HsmKeyWrap, wrapped: Uint8Array): Promise<Uint8Array> {
    return this.#calls.read((connection) => unwrapBytes(connection, label, algorithm, wrapped));
  }

  async mac(label: string, data: Uint8Array): Promise<Uint8Array> {
    return this.#calls.read((connection) => macItem(connection, { label, data }));
  }

  async sign(
    label: string,
    data: Uint8Array,
    algorithm: Key.HsmSignatureAlgorithm = 'ed25519',
    input: Key.HsmSignatureInput = 'message',
  ): Promise<Uint8Array> {
    const job = signatureJob({ label, data, algorithm, input });
    return job.isSlow
      ? this.#calls.readAsync((connection) => signOnOtherThread(connection, job))
      : this.#calls.read((connection) => signOnToken(connection, job));
  }

  async verify(
    label: string,
    data: Uint8Array,
    signature: Uint8Array,
    algorithm: Key.HsmSignatureAlgorithm = 'ed25519',
    input: Key.HsmSignatureInput = 'message',
  ): Promise<boolean> {
    const job = signatureJob({ label, data, algorithm, input });
    return this.#calls.read((connection) => verifyOnToken(connection, job, signature));
  }

  async runJob(tasks: readonly Key.HsmTask[]): Promise<readonly Key.HsmTaskOutcome[]> {
    requireJob(tasks);
    return tasks.every(isQuick)
      ? this.#calls.read((connection) => runQuickJob(connection, tasks))
      : this.#calls.readAsync((connection) => runJob(connection, tasks));
  }

  /** In turn with changes: a data object is looked for, by every process, as often as another one logs in to replace it. */
  readData(label: string): Promise<Uint8Array | undefined> {
    return this.#calls.change(async (access) => readDataObject(access.connection(), label));
  }

  writeData(label: string, value: Uint8Array): Promise<void> {
    return this.#calls.change((access) => writeDataObject(access, label, value));
  }

  #require(list: 'mechanisms' | 'exportable' | 'importable', name: Key.HsmMechanism | Key.HsmKeyType) {
    return this.#calls.readAsync((connection) => requireCapability(connection, list, name));
  }
}
