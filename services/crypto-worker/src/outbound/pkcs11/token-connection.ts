/**
 * One incarnation of the token in this process: from C_Initialize and login to C_Finalize. Sessions, handles and open
 * data keys belong to it and end with it, so nothing of an earlier incarnation can be used by mistake: after a
 * re-initialisation an old handle is dead or, worse, the handle of another key.
 */
import { StrongroomError } from '@strongroom/errors';
import type { HsmKeyType } from '../../ports/hsm-key.ts';
import { cku } from './constants.ts';
import { type Cryptoki, type Handle, isSameHandle } from './cryptoki.ts';
import { DataKeys } from './data-keys.ts';
import { asFault, changing, StaleSearch, tokenLost } from './fault.ts';
import { encryptProof, type GcmKey } from './gcm.ts';
import type { InvocationCount, InvocationCounts } from './invocation-counts.ts';
import { isKeyProper, KeyHandles, keyAmong, type TokenKey } from './key-handles.ts';
import { kindOf, type SecretKind } from './key-kind.ts';
import { NonceSource } from './nonce-source.ts';
import { anyPrivateExists, findByLabel, findPrivate, type TokenObject } from './object-finder.ts';
import { OpenSessions } from './open-sessions.ts';
import type { PinFile } from './pin-file.ts';
import { probeKeys } from './probe-keys.ts';
import { SessionPool } from './session-pool.ts';
import { findToken, isNamed, readTokenInfo, type TokenName, type TokenSlot } from './token-slot.ts';

export interface ConnectionOptions {
  readonly cryptoki: Cryptoki;
  /** For a module that is told at C_Initialize where its token is, as NSS; its own words (`pReserved`). */
  readonly moduleParameters?: string | undefined;
  readonly token: TokenName;
  readonly pinFile: PinFile;
  readonly invocations: InvocationCounts;
  readonly sessionsMax: number;
  readonly dataKeysMax: number;
}

/** What work that changes the token is given, since a connection may be renewed in the middle of it. */
export interface TokenAccess {
  /** The current one. Throws `hsm-unavailable`. */
  connection(): TokenConnection;
  /** One that sees everything that other processes have made. */
  fresh(): TokenConnection;
  /** After a failure: resolves when there is a connection to go on with, which may be the same. Throws `hsm-unavailable`. */
  recovered(error: unknown, waitMsMax: number): Promise<void>;
}

export class TokenConnection {
  readonly cryptoki: Cryptoki;
  readonly slot: TokenSlot;
  readonly sessions: SessionPool;
  readonly nonces: NonceSource;
  readonly keys = new KeyHandles();
  readonly dataKeys: DataKeys;
  readonly #token: TokenName;
  readonly #countOf: (label: string) => InvocationCount;
  /** Kept out of the pool: while it is open the login lasts. */
  readonly #loginSession: Handle;
  #holdsObjects = false;
  #isMasked = false;

  /** The module must be initialised and not logged in. Throws faults and coded errors; the caller then finalises. */
  constructor(options: ConnectionOptions) {
    const { cryptoki, token } = options;
    this.cryptoki = cryptoki;
    this.#token = token;
    this.#countOf = (label) => options.invocations.of(`token:${label}`);
    this.slot = findToken(cryptoki, token);
    const { open, close } = new OpenSessions(cryptoki, this.slot.slot);
    this.#loginSession = open();
    options.pinFile.login((pin) => cryptoki.C_Login(this.#loginSession, cku.user, pin));
    this.sessions = new SessionPool({ open, close, sessionsMax: options.sessionsMax });
    this.nonces = new NonceSource(cryptoki);
    this.dataKeys = new DataKeys({
      ...options,
      open,
      close,
      mechanism: this.slot.keyWrapMechanism,
      isTokenKey: (handle) => this.keys.holds(handle),
    });
    this.#fillHandles();
  }

  /** The key of the label, by its cached handle. Throws `absent` where the token answers and has none. */
  key(label: string, types: readonly HsmKeyType[]): TokenKey {
    const key = this.keys.get(label) ?? this.findKey(label);
    if (key === undefined) throw new StrongroomError('absent', { detail: 'HSM key' });
    if (!types.includes(key.type)) throw new StrongroomError('key-purpose-refused');
    return key;
  }

  /**
   * Uses a key by its cached handle. A handle that turns out dead is forgotten, so that the next try looks for the key
   * and either finds it or proves it absent.
   */
  withKey<T>(label: string, types: readonly HsmKeyType[], work: (key: TokenKey) => T): T {
    const key = this.key(label, types);
    try {
      return work(key);
    } catch (error) {
      this.forgetDead(label, error);
      throw error;
    }
  }

  /** The same for work that goes through another thread. */
  async withKeyAsync<T>(
    label: string,
    types: readonly HsmKeyType[],
    work: (key: TokenKey) => Promise<T>,
  ): Promise<T> {
    const key = this.key(label, types);
    try {
      return await work(key);
    } catch (error) {
      this.forgetDead(label, error);
      throw error;
    }
  }

  /** The public half of a pair, looked for once more where the cache has only the private one. */
  publicHandle(label: string, types: readonly HsmKeyType[]): Handle {
    const known = this.key(label, types);
    const key = known.publicHandle === undefined ? this.findKey(label) : known;
    if (key?.publicHandle === undefined) {
      throw new StrongroomError('hsm-inconsistent', { detail: `${label} has no public half` });
    }
    return key.publicHandle;
  }

  forgetDead(label: string, error: unknown): void {
    if (asFault(error)?.returnCode.evictsHandle === true) this.keys.evict(label);
  }

  /** Looks on the token, whatever the cache says; `undefined` is proven absence. */
  findKey(label: string): TokenKey | undefined {
    const key = keyAmong(this.findObjects(label), this.#countOf);
    if (key === undefined) this.keys.evict(label);
    else this.keys.put(key);
    return key;
  }

  /** Caches the handle of a key that was just seen. */
  remember(objects: readonly TokenObject[]): void {
    const key = keyAmong(objects, this.#countOf);
    if (key !== undefined) this.keys.put(key);
    this.#holdsObjects = true;
  }

  /** All objects with this label; none is proven absence. Throws `StaleSearch`. */
  findObjects(label: string): TokenObject[] {
    const objects = this.#search(label);
    if (objects.length > 0) this.#holdsObjects = true;
    else if (this.#isMasked) throw new StaleSearch();
    else this.proveAnswering();
    return objects;
  }

  /** Whether the token, which answers, shows an object of this label now; `false` proves nothing. */
  seesObjects(label: string): boolean {
    if (this.#search(label).length > 0) return true;
    this.proveAnswering();
    return false;
  }

  /** Whether a search for the label still answers with this handle. */
  seesHandle(label: string, handle: Handle): boolean {
    return this.#search(label).some((object) => isSameHandle(object.handle, handle));
  }

  #search(label: string): TokenObject[] {
    return this.sessions.use((session) => findByLabel(this.cryptoki, session, label));
  }

  /** Whether objects of other processes may be hidden from searches. */
  get isMasked(): boolean {
    return this.#isMasked;
  }

  /** What is gone by our own doing proves nothing against the token: it may have been the last thing there. */
  noteDestroyed(): void {
    this.#holdsObjects = this.sessions.use((session) => anyPrivateExists(this.cryptoki, session));
  }

  /** Runs a call that changes the token. */
  change<T>(call: () => T | Promise<T>): Promise<T> {
    this.#isMasked = this.slot.hidesForeignChanges;
    return changing(call);
  }

  /** All private objects; none is proven absence. Throws `StaleSearch`. */
  listObjects(): TokenObject[] {
    if (this.#isMasked) throw new StaleSearch();
    const objects = this.sessions.use((session) => findPrivate(this.cryptoki, session));
    if (objects.length === 0) this.proveAnswering();
    else this.#holdsObjects = true;
    return objects;
  }

  /**
   * Returns where the token is the right one, reads its state and still finds something if it ever did. SoftHSM with
   * a lost directory fails the first check; a module that only forgets its objects fails the second.
   */
  proveAnswering(): void {
    if (!isNamed(readTokenInfo(this.cryptoki, this.slot.slot), this.#token)) throw tokenLost();
    if (!this.#holdsObjects) return;
    if (!this.sessions.use((session) => anyPrivateExists(this.cryptoki, session))) throw tokenLost();
  }

  /** Find and use: what a healthy token can do and a lost one can not, whatever it says. Throws. */
  probe(): void {
    this.proveAnswering();
    probeKeys(this);
  }

  readonly proveKeyWorks = (key: GcmKey): void => {
    this.sessions.use((session) => encryptProof(this.cryptoki, session, this.nonces, key));
  };

  mac({ handle, type }: TokenKey, data: Uint8Array): Uint8Array {
    const { mechanism, bytes } = kindOf(type) as SecretKind;
    return this.sessions.use((session) => {
      this.cryptoki.C_SignInit(session, { mechanism }, handle);
      return this.cryptoki.C_Sign(session, data, Buffer.allocUnsafeSlow(bytes));
    });
  }

  /** One pass over the token instead of a search per label. */
  #fillHandles(): void {
    const byLabel = Map.groupBy(this.listObjects(), ({ label }) => label);
    for (const objects of byLabel.values()) {
      const [key, ...others] = objects.filter(isKeyProper);
      // What a lookup would refuse is left for the lookup to refuse: one bad label must not take the token away.
      if (key?.keyType === undefined || others.length > 0) continue;
      const usable = keyAmong(objects, this.#countOf);
      if (usable !== undefined) this.keys.put(usable);
    }
  }
}
