/**
 * What the worker needs of a hardware security module. Every lookup answers found, absent or throws
 * `hsm-unavailable`: the three are never merged, because a hiccup that looks like absence would mint a second key (I1).
 * No method creates a key unless its name says so. Labels and templates are built by the worker, never taken from a
 * message.
 *
 * Every method may throw `hsm-unavailable` (nothing happened) or, from those that change the token,
 * `outcome-unknown` (the device failed in the middle; look before repeating). `hsm-inconsistent` says that the token
 * holds what the platform never makes, two keys of one label for instance; nothing is chosen between them.
 */

export interface HsmDescription {
  readonly label: string;
  readonly model: string;
  readonly serial: string;
  readonly state: 'ready' | 'recovering';
}

/** A key that lives on the token, by its label; or a data key, held wrapped by the caller and used as a session object. */
export type HsmKeyReference =
  | { readonly kind: 'token'; readonly label: string }
  | { readonly kind: 'data'; readonly wrappedBy: string; readonly wrapped: Uint8Array };

/** Attributes as the token reports them (PKCS#11 v2.40 section 4); read back to prove I1. */
export interface HsmKeyAttributes {
  readonly sensitive: boolean;
  readonly extractable: boolean;
  readonly alwaysSensitive: boolean;
  readonly neverExtractable: boolean;
  readonly local: boolean;
}

export interface Hsm {
  describe(): HsmDescription;

  /** 1 to 1024 random bytes of the token's generator. */
  random(bytes: number): Promise<Uint8Array>;

  /** Labels of all token keys with the prefix, sorted. */
  listKeys(labelPrefix: string): Promise<readonly string[]>;
  hasKey(label: string): Promise<boolean>;
  /** Throws `absent` where the token answers and has no such key. */
  keyAttributes(label: string): Promise<HsmKeyAttributes>;

  /** AES-256 token key: sensitive, never extractable, encrypt and decrypt (and wrap, for `wrapping`). Throws `already-exists`. */
  createAesKey(label: string, use: 'encryption' | 'wrapping'): Promise<void>;
  /** HMAC-SHA256 token key of 32 bytes, sensitive, never extractable. Throws `already-exists`. */
  createMacKey(label: string): Promise<void>;
  /** Ed25519 token key pair; answers the 32 raw bytes of the public key. Throws `already-exists`. */
  createSigningKey(label: string): Promise<Uint8Array>;
  /** Destroys every object with exactly this label, data objects too. Absent is not an error. */
  destroyKey(label: string): Promise<void>;

  /**
   * AES-256-GCM. Answers 12 octets of nonce, ciphertext, 16 octets of tag. The plaintext has 1 to 2^20 octets, else
   * `request-invalid` or `message-too-large`. Throws `absent`, `key-purpose-refused` for a key of another type.
   */
  encrypt(key: HsmKeyReference, plaintext: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>;
  /**
   * Reverse of `encrypt`. Throws `ciphertext-invalid` only when the token is alive and the tag, or the wrapped data key,
   * does not match; `absent`, `key-purpose-refused`.
   */
  decrypt(key: HsmKeyReference, sealed: Uint8Array, associatedData: Uint8Array): Promise<Uint8Array>;

  /** AES-GCM invocations of the key by this process so far, for the rotation long before 2^32. */
  encryptions(key: HsmKeyReference): number;

  /** A fresh AES-256 data key, generated in the token and wrapped (AES-KWP, RFC 5649) by `wrappingLabel`. */
  makeDataKey(wrappingLabel: string): Promise<Uint8Array>;

  /** HMAC-SHA256, 32 bytes, over at least one octet. Throws `absent`, `key-purpose-refused`. */
  mac(label: string, data: Uint8Array): Promise<Uint8Array>;
  /** Ed25519 (RFC 8032), 64 bytes, over at least one octet. Throws `absent`, `key-purpose-refused`. */
  sign(label: string, data: Uint8Array): Promise<Uint8Array>;
  /** 32 raw bytes. Throws `absent`. */
  publicKey(label: string): Promise<Uint8Array>;

  /** Value of a data object, or `undefined` where the token answers and has none. Throws `hsm-inconsistent`. */
  readData(label: string): Promise<Uint8Array | undefined>;
  /**
   * Creates or replaces a private data object; as durable as the token makes things when it returns. At most 16 KiB. A
   * crash in the middle leaves the old value or the new one. One writer at a time.
   */
  writeData(label: string, value: Uint8Array): Promise<void>;
}
