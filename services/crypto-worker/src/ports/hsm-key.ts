/**
 * Kinds of keys and what is done with them, in the words of the port. Which PKCS#11 mechanism a word stands for is the
 * adapter's business; where a token lacks it, the method throws `mechanism-unsupported` with the mechanism's name. No
 * method falls back to a key in the worker's memory.
 */
import type { ErrorCode } from '@strongroom/errors';

export type HsmAesType = 'aes-128' | 'aes-256';
export type HsmRsaType = 'rsa-2048' | 'rsa-3072' | 'rsa-4096';
export type HsmEcType = 'ec-p256' | 'ec-p384';
export type HsmMacType = 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';
export type HsmKeyType = HsmAesType | HsmRsaType | HsmEcType | 'ed25519' | HsmMacType;

/**
 * What the token lets a key do, fixed for the key's life: `encrypt` AES-GCM or RSA-OAEP; `wrap` the same and wrapping and
 * unwrapping of keys; `sign` of RSA, EC and Ed25519; `mac` of HMAC. A key type and a use that do not go together are
 * `request-invalid`; a key asked for what its use leaves out is `key-purpose-refused`.
 */
export type HsmKeyUse = 'encrypt' | 'wrap' | 'sign' | 'mac';

export interface HsmKeySpec {
  readonly type: HsmKeyType;
  readonly use: HsmKeyUse;
  /** May leave the token, wrapped under another token key; false where left out, and never changed afterwards. */
  readonly exportable?: boolean;
}

/** A key that lives on the token, by its label; or a data key, held wrapped by the caller and used as a session object. */
export type HsmKeyReference =
  | { readonly kind: 'token'; readonly label: string }
  | { readonly kind: 'data'; readonly wrappedBy: string; readonly wrapped: Uint8Array };

/** Attributes as the token reports them (PKCS#11 v2.40 section 4); read back to prove I1, and to attest them. */
export interface HsmKeyAttributes {
  readonly type: HsmKeyType;
  readonly sensitive: boolean;
  readonly extractable: boolean;
  readonly alwaysSensitive: boolean;
  readonly neverExtractable: boolean;
  /** Generated in this token. */
  readonly local: boolean;
  /** Sorted names of the usages that the token allows: decrypt, encrypt, sign, unwrap, verify, wrap. */
  readonly usages: readonly string[];
}

/** RSA signatures are made with a salt as long as the hash (PSS), ECDSA signatures are r and s of fixed length. */
export type HsmSignatureAlgorithm =
  | 'ed25519'
  | 'ecdsa-sha256'
  | 'ecdsa-sha384'
  | 'rsa-pss-sha256'
  | 'rsa-pss-sha384'
  | 'rsa-pss-sha512'
  | 'rsa-pkcs1-sha256'
  | 'rsa-pkcs1-sha384'
  | 'rsa-pkcs1-sha512';

/** What is handed in to be signed. Ed25519 signs messages only: its prehashed variant is another algorithm. */
export type HsmSignatureInput = 'message' | 'digest';

/** Hash of OAEP and of its mask; some tokens know no other than SHA-1, which is sound here but has to be asked for. */
export type HsmOaepHash = 'sha256' | 'sha1';

/** RFC 3394: 16 octets or more in multiples of 8. RFC 5649: 1 octet or more. */
export type HsmKeyWrap = 'aes-kw' | 'aes-kwp';

/**
 * A key that arrives wrapped under a token key of the use `wrap`. `aes-kwp`: RFC 5649 of the octets of a secret key, or of
 * the PKCS#8 of a private key. `rsa-aes-kwp`: RSA-OAEP of an AES-256 key, followed by RFC 5649 under that key, as
 * CKM_RSA_AES_KEY_WRAP has it; neither key is ever outside the token. A private key comes with its public key (SPKI DER),
 * since most tokens do not tell it; the two are proven to be a pair.
 */
export interface HsmWrappedKey {
  readonly scheme: 'aes-kwp' | 'rsa-aes-kwp';
  readonly wrappedBy: string;
  readonly wrapped: Uint8Array;
  /** Of `rsa-aes-kwp`; `sha256` where left out. */
  readonly oaepHash?: HsmOaepHash;
  readonly publicKey?: Uint8Array;
}

/** One task of a job: its output, or what the single call would have thrown for this task alone. */
export type HsmTaskOutcome =
  | { readonly status: 'done'; readonly bytes: Uint8Array }
  | { readonly status: 'refused'; readonly code: ErrorCode; readonly detail?: string };

interface Signed {
  readonly label: string;
  readonly data: Uint8Array;
  readonly algorithm: HsmSignatureAlgorithm;
  readonly input: HsmSignatureInput;
}

/** What a key is used for, as data: each kind is the method of the port that it names, with the same refusals. */
export type HsmTask =
  | {
      readonly kind: 'encrypt';
      readonly key: HsmKeyReference;
      readonly plaintext: Uint8Array;
      readonly associatedData: Uint8Array;
    }
  | {
      readonly kind: 'decrypt';
      readonly key: HsmKeyReference;
      readonly sealed: Uint8Array;
      readonly associatedData: Uint8Array;
    }
  | {
      readonly kind: 'decrypt-oaep';
      readonly label: string;
      readonly sealed: Uint8Array;
      readonly hash: HsmOaepHash;
    }
  | {
      readonly kind: 'wrap';
      readonly label: string;
      readonly algorithm: HsmKeyWrap;
      readonly plaintext: Uint8Array;
    }
  | {
      readonly kind: 'unwrap';
      readonly label: string;
      readonly algorithm: HsmKeyWrap;
      readonly wrapped: Uint8Array;
    }
  | ({ readonly kind: 'sign' } & Signed)
  /** The output is one octet: 1 for a signature that is the key's, else 0. */
  | ({ readonly kind: 'verify'; readonly signature: Uint8Array } & Signed)
  | { readonly kind: 'mac'; readonly label: string; readonly data: Uint8Array }
  | { readonly kind: 'random'; readonly bytes: number };

export type HsmTaskOf<Kind extends HsmTask['kind']> = Extract<HsmTask, { readonly kind: Kind }>;

export type HsmMechanism =
  | 'aes-gcm'
  | HsmKeyWrap
  | HsmMacType
  | HsmSignatureAlgorithm
  | `rsa-oaep-${HsmOaepHash}`
  | 'rsa-aes-kwp-sha256'
  | 'rsa-aes-kwp-sha1';

/** What the token does as proven by doing it, not as its list of mechanisms says. Sorted. */
export interface HsmCapabilities {
  readonly keyTypes: readonly HsmKeyType[];
  readonly mechanisms: readonly HsmMechanism[];
  /** Key types that can leave wrapped, and come in. */
  readonly exportable: readonly HsmKeyType[];
  readonly importable: readonly HsmKeyType[];
  /** What is missing above, each with the name of the PKCS#11 mechanism that the token lacks. */
  readonly lacking: readonly { readonly name: string; readonly mechanism: string }[];
}
