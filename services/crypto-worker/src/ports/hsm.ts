/**
 * What the worker needs of a hardware security module. Every lookup answers found, absent or throws
 * `hsm-unavailable`: the three are never merged, because a hiccup that looks like absence would mint a second key (I1).
 * No method creates a key unless its name says so. Labels and templates are built by the worker, never taken from a
 * message.
 *
 * Every method may throw `hsm-unavailable` (nothing happened) or, from those that change the token,
 * `outcome-unknown` (the device failed in the middle; look before repeating). `hsm-inconsistent` says that the token
 * holds what the platform never makes, two keys of one label for instance; nothing is chosen between them. A method that
 * names a key throws `absent` where the token answers and has none, and `key-purpose-refused` for a key of another type
 * or use; one that needs what the token lacks throws `mechanism-unsupported` with the name of the mechanism.
 */
import type {
  HsmAesType,
  HsmCapabilities,
  HsmKeyAttributes,
  HsmKeyReference,
  HsmKeySpec,
  HsmKeyWrap,
  HsmOaepHash,
  HsmSignatureAlgorithm,
  HsmSignatureInput,
  HsmTask,
  HsmTaskOutcome,
  HsmWrappedKey,
} from './hsm-key.ts';

export type * from './hsm-key.ts';

export interface HsmDescription {
  readonly label: string;
  readonly model: string;
  readonly serial: string;
  readonly state: 'ready' | 'recovering';
}

export interface Hsm {
  describe(): HsmDescription;
  /** Tried out on the token once per connection, which takes some hundred milliseconds the first time. */
  capabilities(): Promise<HsmCapabilities>;

  /** 1 to 1024 random bytes of the token's generator. */
  random(bytes: number): Promise<Uint8Array>;

  /** Labels of all token keys with the prefix, sorted. */
  listKeys(labelPrefix: string): Promise<readonly string[]>;
  hasKey(label: string): Promise<boolean>;
  keyAttributes(label: string): Promise<HsmKeyAttributes>;

  /**
   * Three octets by which people see that two tokens hold the same secret key (CKA_CHECK_VALUE, PKCS#11 v2.40 section 4.8.2 of
   * the base specification): of AES the first of the all-zero block encrypted, of HMAC the first of the key's SHA-1. Throws
   * `key-purpose-refused` for a key pair, `mechanism-unsupported` where there is no way to it.
   */
  checkValue(key: HsmKeyReference): Promise<Uint8Array>;

  /**
   * A key generated in the token, sensitive, and never extractable unless `exportable`. Answers the public key (SPKI
   * DER) of a pair, else nothing. Throws `already-exists` for a label in use.
   */
  createKey(label: string, spec: HsmKeySpec): Promise<Uint8Array | undefined>;
  /**
   * The same for a key that was made elsewhere; it is sensitive, and not `local`. Throws `already-exists`,
   * `ciphertext-invalid` where the wrapped bytes are not of the wrapping key or not of a key of this type, and
   * `request-invalid` for a private key without its public key.
   */
  importKey(label: string, spec: HsmKeySpec, wrapped: HsmWrappedKey): Promise<Uint8Array | undefined>;
  /**
   * An `exportable` key under a token key of the use `wrap`, in AES-KWP (RFC 5649): the octets of a secret key; the PKCS#8
   * of a private key, which some tokens fill up with zero octets to a multiple of eight, after the end of the DER.
   * Throws `key-purpose-refused` for a key that is not exportable.
   */
  exportKey(label: string, wrappingLabel: string): Promise<Uint8Array>;
  /** SPKI DER. */
  publicKey(label: string): Promise<Uint8Array>;
  /** Destroys every object with exactly this label, data objects too. Absent is not an error. */
  destroyKey(label: string): Promise<void>;

  /**
   * AES-GCM. Answers 12 octets of nonce, ciphertext, 16 octets of tag. The plaintext has 1 to 2^20 octets, else
   * `request-invalid` or `message-too-large`.
   */
  encrypt(key: HsmKeyReference, plaintext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>;
  /**
   * Reverse of `encrypt`. Throws `ciphertext-invalid` only when the token is alive and the tag, or the wrapped data key,
   * does not match.
   */
  decrypt(key: HsmKeyReference, sealed: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>;
  /**
   * RSA-OAEP without a label, under a key of the use `encrypt` or `wrap`. Throws `ciphertext-invalid` for whatever does
   * not decrypt, without saying why.
   */
  decryptOaep(label: string, ciphertext: Uint8Array, hash: HsmOaepHash): Promise<Uint8Array>;

  /** AES-GCM invocations of the key by this process so far, for the rotation long before 2^32. */
  encryptions(key: HsmKeyReference): number;

  /** A fresh data key, AES-256 unless said otherwise, generated in the token and wrapped (AES-KWP) by `wrappingLabel`. */
  makeDataKey(wrappingLabel: string, type?: HsmAesType): Promise<Uint8Array>;

  /**
   * Wraps key material that the caller has in the clear, up to 4096 octets, under a token key of the use `wrap`. It is in
   * the token for the length of the call. Throws `request-invalid` for a length that the algorithm does not take.
   */
  wrapBytes(label: string, algorithm: HsmKeyWrap, bytes: Uint8Array): Promise<Uint8Array>;
  /** Reverse of `wrapBytes`. Throws `ciphertext-invalid`. */
  unwrapBytes(label: string, algorithm: HsmKeyWrap, wrapped: Uint8Array): Promise<Uint8Array>;

  /** HMAC with the hash of the key's type, over 1 to 2^20 octets. */
  mac(label: string, data: Uint8Array): Promise<Uint8Array>;
  /**
   * A signature over 1 to 2^20 octets of message, or over a digest of the algorithm's length, else `request-invalid`.
   * Ed25519 over the message where nothing else is said.
   */
  sign(
    label: string,
    data: Uint8Array,
    algorithm?: HsmSignatureAlgorithm,
    input?: HsmSignatureInput,
  ): Promise<Uint8Array>;
  /** Whether the signature is the key's over this message or digest. Any signature at all is answered, never thrown at. */
  verify(
    label: string,
    data: Uint8Array,
    signature: Uint8Array,
    algorithm?: HsmSignatureAlgorithm,
    input?: HsmSignatureInput,
  ): Promise<boolean>;

  /**
   * Up to 512 tasks of any kinds and keys (else `request-invalid`) as one job, one outcome for each in order. Where no task
   * takes an RSA private key, nothing else runs in between. What fails the device fails the whole job.
   */
  runJob(tasks: readonly HsmTask[]): Promise<readonly HsmTaskOutcome[]>;

  /** Value of a data object, or `undefined` where the token answers and has none. Throws `hsm-inconsistent`. */
  readData(label: string): Promise<Uint8Array | undefined>;
  /**
   * Creates or replaces a private data object; as durable as the token makes things when it returns. At most 16 KiB. A
   * crash in the middle leaves the old value or the new one. One writer at a time.
   */
  writeData(label: string, value: Uint8Array): Promise<void>;
}
