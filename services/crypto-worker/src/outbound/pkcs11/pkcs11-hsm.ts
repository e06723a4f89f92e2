/**
 * The HSM port on a PKCS#11 token: which work runs for which method, as a call that reads or as one that changes. How a
 * call is carried out and judged is in `token-calls.ts`, what the work does in the files beside it.
 */
import { StrongroomError } from '@strongroom/errors';
import type { Hsm, HsmDescription, HsmKeyAttributes, HsmKeyReference } from '../../ports/hsm.ts';
import { ckm } from './constants.ts';
import { type Cryptoki, loadCryptoki } from './cryptoki.ts';
import { dataKeyName } from './data-keys.ts';
import { readDataObject, writeDataObject } from './data-object.ts';
import { asFault } from './fault.ts';
import { type GcmKey, gcmDecrypt, gcmEncrypt, requirePlaintext, requireSealed } from './gcm.ts';
import { InvocationCounts } from './invocation-counts.ts';
import { readAttributes, readPublicKey } from './key-attributes.ts';
import { isKeyProper } from './key-handles.ts';
import { createAesKey, createMacKey, createSigningKey, destroyKey, makeDataKey } from './key-maker.ts';
import { PinFile } from './pin-file.ts';
import { TokenCalls } from './token-calls.ts';
import type { TokenConnection } from './token-connection.ts';
import { type HsmEvent, TokenSupervisor } from './token-supervisor.ts';

export interface Pkcs11HsmOptions {
  readonly modulePath: string;
  readonly tokenLabel: string;
  readonly tokenSerial: string;
  readonly pinFile: string;
  readonly onEvent?: (event: HsmEvent) => void;
  /** Sessions for operations; the login and the data keys have one more each. At least 3. */
  readonly sessionsMax?: number;
  readonly dataKeysMax?: number;
  /** Between two looks at a token that nobody asks for anything; 1 s. */
  readonly probeMs?: number;
  /** Between two attempts to get a lost token back; 1 s. */
  readonly pauseMsMax?: number;
  /** After this a call that generates a key is given up and its outcome unknown. */
  readonly changeMsMax?: number;
}

const randomBytesMax = 1_024;

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

  constructor(cryptoki: Cryptoki, options: Pkcs11HsmOptions) {
    this.#name = { label: options.tokenLabel, serial: options.tokenSerial };
    this.#supervisor = new TokenSupervisor({
      cryptoki,
      token: this.#name,
      pinFile: new PinFile(options.pinFile),
      invocations: this.#invocations,
      sessionsMax: options.sessionsMax ?? 4,
      dataKeysMax: options.dataKeysMax ?? 256,
      probeMs: options.probeMs ?? 1_000,
      pauseMsMax: options.pauseMsMax ?? 1_000,
      onEvent: options.onEvent ?? (() => {}),
    });
    this.#calls = new TokenCalls(this.#supervisor, options.changeMsMax ?? 30_000);
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

  encryptions(key: HsmKeyReference): number {
    return this.#invocations.read(key.kind === 'token' ? `token:${key.label}` : dataKeyName(key.wrapped));
  }

  async random(bytes: number): Promise<Uint8Array> {
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > randomBytesMax) {
      throw new StrongroomError('request-invalid', { detail: 'random bytes' });
    }
    return this.#calls.read(({ cryptoki, sessions }) =>
      sessions.use((session) => cryptoki.C_GenerateRandom(session, Buffer.allocUnsafeSlow(bytes))),
    );
  }

  async listKeys(labelPrefix: string): Promise<readonly string[]> {
    return this.#calls.read((connection) => {
      const keys = connection.listObjects().filter(isKeyProper);
      return [...new Set(keys.map(({ label }) => label))]
        .filter((label) => label.startsWith(labelPrefix))
        .sort();
    });
  }

  async hasKey(label: string): Promise<boolean> {
    return this.#calls.read((connection) => connection.findObjects(label).some(isKeyProper));
  }

  async keyAttributes(label: string): Promise<HsmKeyAttributes> {
    return this.#calls.read((connection) => {
      const key = connection.findKey(label);
      if (key === undefined) throw new StrongroomError('absent', { detail: 'HSM key' });
      return readAttributes(connection, key.handle);
    });
  }

  createAesKey(label: string, use: 'encryption' | 'wrapping'): Promise<void> {
    return this.#calls.change((access) => createAesKey(access, label, use));
  }

  createMacKey(label: string): Promise<void> {
    return this.#calls.change((access) => createMacKey(access, label));
  }

  createSigningKey(label: string): Promise<Uint8Array> {
    return this.#calls.change((access) => createSigningKey(access, label));
  }

  destroyKey(label: string): Promise<void> {
    return this.#calls.change((access) => destroyKey(access, label));
  }

  async encrypt(
    key: HsmKeyReference,
    plaintext: Uint8Array,
    associatedData: Uint8Array,
  ): Promise<Uint8Array> {
    requirePlaintext(plaintext);
    return this.#calls.read((connection) =>
      useAesKey(connection, key, (aes) =>
        connection.sessions.use((session) =>
          gcmEncrypt(connection.cryptoki, session, connection.nonces, aes, plaintext, associatedData),
        ),
      ),
    );
  }

  async decrypt(key: HsmKeyReference, sealed: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array> {
    requireSealed(sealed);
    return this.#calls.read((connection) =>
      useAesKey(connection, key, (aes) =>
        connection.sessions.use((session) =>
          gcmDecrypt(connection.cryptoki, session, aes, sealed, associatedData, connection.proveKeyWorks),
        ),
      ),
    );
  }

  makeDataKey(wrappingLabel: string): Promise<Uint8Array> {
    return this.#calls.change((access) => makeDataKey(access, wrappingLabel));
  }

  async mac(label: string, data: Uint8Array): Promise<Uint8Array> {
    requireSome(data);
    return this.#calls.read((connection) =>
      connection.withKey(label, 'mac', (key) => connection.mac(key, data)),
    );
  }

  async sign(label: string, data: Uint8Array): Promise<Uint8Array> {
    requireSome(data);
    return this.#calls.read((connection) =>
      connection.withKey(label, 'signing', (key) =>
        connection.sessions.use((session) => {
          connection.cryptoki.C_SignInit(session, { mechanism: ckm.eddsa }, key.handle);
          return connection.cryptoki.C_Sign(session, data, Buffer.allocUnsafeSlow(64));
        }),
      ),
    );
  }

  async publicKey(label: string): Promise<Uint8Array> {
    return this.#calls.read((connection) =>
      connection.withKey(label, 'signing', () => readPublicKey(connection, label)),
    );
  }

  async readData(label: string): Promise<Uint8Array | undefined> {
    return this.#calls.read((connection) => readDataObject(connection, label));
  }

  writeData(label: string, value: Uint8Array): Promise<void> {
    return this.#calls.change((access) => writeDataObject(access, label, value));
  }
}

function useAesKey<T>(connection: TokenConnection, reference: HsmKeyReference, work: (key: GcmKey) => T): T {
  if (reference.kind === 'token') return connection.withKey(reference.label, 'aes', work);
  const { wrapped, wrappedBy } = reference;
  const key = connection.withKey(wrappedBy, 'aes', (wrappingKey) =>
    connection.dataKeys.get(wrapped, wrappedBy, wrappingKey, connection.proveKeyWorks),
  );
  try {
    return work(key);
  } catch (error) {
    if (asFault(error)?.returnCode.evictsHandle === true) connection.dataKeys.evict(wrapped);
    throw error;
  }
}

function requireSome(data: Uint8Array): void {
  if (data.length === 0) throw new StrongroomError('request-invalid', { detail: 'data is empty' });
}
