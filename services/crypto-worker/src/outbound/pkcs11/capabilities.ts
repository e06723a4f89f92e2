/**
 * What the token really does. Its list of mechanisms is not enough: SoftHSM lists RSA-OAEP and takes no hash but SHA-1,
 * and it makes Ed25519 keys but can neither wrap nor unwrap one. So each thing is tried out, on session objects that
 * are destroyed at the end. Only of RSA, whose large keys take seconds to make, one size is made and the others are
 * taken from the range that the token states.
 */
import { StrongroomError } from '@strongroom/errors';
import type { HsmCapabilities, HsmKeyType, HsmMechanism, HsmOaepHash } from '../../ports/hsm-key.ts';
import { ckm, mechanismName } from './constants.ts';
import type { Handle } from './cryptoki.ts';
import { isSecret, type KeyKind, keyTypes, kindOf } from './key-kind.ts';
import { schemeOf, signatureAlgorithms, toBeSigned } from './signature.ts';
import { signWith } from './signing.ts';
import { trialPairTemplates, trialSecretTemplate } from './template.ts';
import type { TokenConnection } from './token-connection.ts';
import { keyOrigin, limitsOf } from './token-limits.ts';
import { type TrialKey, tryDecryption, tryExport, tryImport, tryMac, trySealing, tryWrap } from './trial.ts';
import { isLack, succeeds } from './trial-verdict.ts';
import { wrappableBytesMax } from './wrapped-bytes.ts';

const known = new WeakMap<TokenConnection, Promise<HsmCapabilities>>();

/** Tried out once per connection: another token, or the same after an upgrade, comes with another connection. */
export function capabilitiesOf(connection: TokenConnection): Promise<HsmCapabilities> {
  const before = known.get(connection);
  if (before !== undefined) return before;
  const trying = connection.sessions.useAsync((holder) => new Trials(connection, holder).run());
  known.set(connection, trying);
  trying.catch(() => known.delete(connection));
  return trying;
}

/** Throws `mechanism-unsupported` with the name of the PKCS#11 mechanism that is missing. */
export async function requireCapability(
  connection: TokenConnection,
  list: 'mechanisms' | 'exportable' | 'importable',
  name: HsmMechanism | HsmKeyType,
): Promise<void> {
  const capabilities = await capabilitiesOf(connection);
  if ((capabilities[list] as readonly string[]).includes(name)) return;
  const lack = capabilities.lacking.find(
    (each) => each.name === (list === 'mechanisms' ? name : `${list} ${name}`),
  );
  throw new StrongroomError('mechanism-unsupported', { detail: lack?.mechanism ?? name });
}

/** Whether the token says of a key that it made it; if not, only the call that made it shows that it did. */
export async function tellsOrigin(connection: TokenConnection): Promise<boolean> {
  const { lacking } = await capabilitiesOf(connection);
  return !lacking.some(({ name }) => name === keyOrigin.name);
}

class Trials {
  readonly #connection: TokenConnection;
  /** Owns the keys; every trial has a session of its own, which the pool replaces where the trial fails. */
  readonly #holder: Handle;
  readonly #keys = new Map<HsmKeyType, TrialKey>();
  readonly #lacking: { name: string; mechanism: string }[] = [];

  constructor(connection: TokenConnection, holder: Handle) {
    this.#connection = connection;
    this.#holder = holder;
  }

  async run(): Promise<HsmCapabilities> {
    const types: HsmKeyType[] = [];
    for (const type of keyTypes) if (await this.#makes(kindOf(type))) types.push(type);
    const trialKey = this.#keys.get('aes-256');
    if (trialKey !== undefined) this.#lacking.push(...limitsOf(this.#connection, trialKey.handle));
    const mechanisms = this.#mechanisms();
    const moving = types.map((type) => ({ type, key: this.#keys.get(type) ?? this.#keys.get('rsa-2048') }));
    const capabilities = {
      keyTypes: types,
      mechanisms: mechanisms.sort(),
      exportable: this.#moved('exportable', moving, tryExport),
      importable: this.#moved('importable', moving, tryImport),
      lacking: this.#lacking,
    };
    for (const { handle, publicHandle } of this.#keys.values()) {
      this.#connection.cryptoki.C_DestroyObject(this.#holder, handle);
      if (publicHandle !== undefined) this.#connection.cryptoki.C_DestroyObject(this.#holder, publicHandle);
    }
    // What failed above may have failed because the token is gone, which says nothing about what it can do.
    this.#connection.probe();
    return capabilities;
  }

  async #makes(kind: KeyKind, isSecond = false): Promise<boolean> {
    const { cryptoki, slot } = this.#connection;
    const mechanism = { mechanism: kind.generation };
    try {
      if (!slot.mechanisms.has(kind.generation)) return this.#lacks(kind.type, kind.generation);
      if (isSecret(kind)) {
        const handle = await cryptoki.C_GenerateKeyAsync(this.#holder, mechanism, trialSecretTemplate(kind));
        this.#keys.set(kind.type, { kind, handle, publicHandle: undefined });
        return true;
      }
      if ('bits' in kind && kind.type !== 'rsa-2048') {
        const { minKeySize, maxKeySize } = cryptoki.C_GetMechanismInfo(slot.slot, kind.generation);
        return (
          (kind.bits >= minKeySize && kind.bits <= maxKeySize) || this.#lacks(kind.type, kind.generation)
        );
      }
      const { publicKey, privateKey } = trialPairTemplates(kind);
      const pair = await cryptoki.C_GenerateKeyPairAsync(this.#holder, mechanism, publicKey, privateKey);
      this.#keys.set(kind.type, { kind, handle: pair.privateKey, publicHandle: pair.publicKey });
      return true;
    } catch (error) {
      if (!isLack(error)) throw error;
      return isSecond ? this.#lacks(kind.type, kind.generation) : this.#makes(kind, true);
    }
  }

  #mechanisms(): HsmMechanism[] {
    const { slot } = this.#connection;
    const kwp = slot.keyWrapMechanism;
    const found: HsmMechanism[] = [];
    const attempt = (name: HsmMechanism | KeyWrapLength, mechanism: number, type: HsmKeyType, work: Try) => {
      const key = this.#keys.get(type);
      if (key !== undefined && slot.mechanisms.has(mechanism) && succeeds(() => work(key))) {
        if (!isLength(name)) found.push(name);
      } else this.#lacks(name, mechanism);
    };
    const connection = this.#connection;
    attempt('aes-gcm', ckm.aesGcm, 'aes-256', (key) => trySealing(connection, key));
    attempt('aes-kw', ckm.aesKeyWrap, 'aes-256', (key) => tryWrap(connection, key, ckm.aesKeyWrap, 16));
    attempt('aes-kwp', kwp, 'aes-256', (key) => tryWrap(connection, key, kwp, 16));
    attempt('aes-kwp-unaligned', kwp, 'aes-256', (key) => tryWrap(connection, key, kwp, 5));
    attempt('aes-kwp-long', kwp, 'aes-256', (key) => tryWrap(connection, key, kwp, wrappableBytesMax));
    for (const type of ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const) {
      const kind = kindOf(type);
      if (isSecret(kind)) attempt(type, kind.mechanism, type, (key) => tryMac(connection, key));
    }
    for (const algorithm of signatureAlgorithms) {
      const scheme = schemeOf(algorithm);
      const [type] = scheme.types;
      attempt(algorithm, scheme.mechanism.mechanism, type as HsmKeyType, ({ handle, kind }) => {
        const value = toBeSigned(scheme, new Uint8Array(1), 'message');
        signWith(connection, { handle, type: kind.type }, { ...scheme, value });
      });
    }
    for (const hash of ['sha256', 'sha1'] satisfies HsmOaepHash[]) {
      attempt(`rsa-oaep-${hash}`, ckm.rsaOaep, 'rsa-2048', (key) =>
        tryDecryption(connection, key, hash, 'decrypt'),
      );
      attempt(`rsa-aes-kwp-${hash}`, ckm.rsaOaep, 'rsa-2048', (key) =>
        tryDecryption(connection, key, hash, 'unwrap'),
      );
    }
    return found;
  }

  #moved(
    list: 'exportable' | 'importable',
    moving: readonly { type: HsmKeyType; key: TrialKey | undefined }[],
    work: (connection: TokenConnection, key: TrialKey, wrapping: TrialKey) => void,
  ): HsmKeyType[] {
    const wrapping = this.#keys.get('aes-256');
    const tried = new Map<TrialKey, boolean>();
    return moving.flatMap(({ type, key }) => {
      if (key !== undefined && wrapping !== undefined && !tried.has(key)) {
        tried.set(
          key,
          succeeds(() => work(this.#connection, key, wrapping)),
        );
      }
      const does = key !== undefined && tried.get(key) === true;
      if (!does) this.#lacks(`${list} ${type}`, this.#connection.slot.keyWrapMechanism, type);
      return does ? [type] : [];
    });
  }

  #lacks(name: string, mechanism: number, of?: string): false {
    const suffix = of === undefined ? '' : ` of ${of} keys`;
    this.#lacking.push({ name, mechanism: `${mechanismName(mechanism)}${suffix}` });
    return false;
  }
}

type Try = (key: TrialKey) => void;

/** Lengths that only some tokens wrap: no mechanisms of their own, so they are told where they are lacking. */
type KeyWrapLength = 'aes-kwp-unaligned' | 'aes-kwp-long';
const isLength = (name: string): name is KeyWrapLength => name.startsWith('aes-kwp-');
