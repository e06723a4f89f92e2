/** Data under keys of purpose `data`: AES-GCM, or RSA-OAEP to the public half of a pair. */
import { type Static, Type } from 'typebox';
import { Bytes, Ciphertext, closed, Version } from '../fields.ts';
import { keyNamed, keyRow, keyUsed } from './crypto-row.ts';

/** Context that must be the same at decryption; authenticated, not encrypted. RSA-OAEP takes none. */
const AssociatedData = Type.Optional(Bytes(4_096));
const Plaintext = Bytes(65_536, 1);

export const CryptoEncryptRequest = closed({
  ...keyNamed,
  plaintext: Plaintext,
  associatedData: AssociatedData,
});
export type CryptoEncryptRequest = Static<typeof CryptoEncryptRequest>;
export const CryptoEncryptReply = closed({ ...keyUsed, ciphertext: Ciphertext });
export type CryptoEncryptReply = Static<typeof CryptoEncryptReply>;
export const CryptoDecryptRequest = closed({
  ...keyNamed,
  ciphertext: Ciphertext,
  associatedData: AssociatedData,
});
export type CryptoDecryptRequest = Static<typeof CryptoDecryptRequest>;
export const CryptoDecryptReply = closed({ ...keyUsed, plaintext: Plaintext });
export type CryptoDecryptReply = Static<typeof CryptoDecryptReply>;
export const CryptoRewrapRequest = CryptoDecryptRequest;
export type CryptoRewrapRequest = CryptoDecryptRequest;
export const CryptoRewrapReply = closed({
  ...keyUsed,
  ciphertext: Ciphertext,
  /** The version that the ciphertext was under before. */
  formerVersion: Version,
});
export type CryptoRewrapReply = Static<typeof CryptoRewrapReply>;
export const CryptoDataKeyRequest = closed({
  ...keyNamed,
  /** Octets of the new key. */
  length: Type.Integer({ minimum: 16, maximum: 64 }),
  /** Whether the answer holds the key in the clear too, or only wrapped. */
  reveal: Type.Boolean(),
  associatedData: AssociatedData,
});
export type CryptoDataKeyRequest = Static<typeof CryptoDataKeyRequest>;
export const CryptoDataKeyReply = closed({
  ...keyUsed,
  /** Opened by `crypto.decrypt`, or by `crypto.unwrap` where the key is one for wrapping. */
  ciphertext: Ciphertext,
  plaintext: Type.Optional(Bytes(64, 16)),
});
export type CryptoDataKeyReply = Static<typeof CryptoDataKeyReply>;

export const encryptRow = keyRow({
  verb: 'encrypt',
  summary: 'Encrypts data under the current version of a data key.',
  request: CryptoEncryptRequest,
  reply: CryptoEncryptReply,
  audit: { request: { plaintext: 'never', associatedData: 'never' }, reply: { ciphertext: 'never' } },
});
export const decryptRow = keyRow({
  verb: 'decrypt',
  summary: 'Decrypts data that a version of the data key encrypted.',
  request: CryptoDecryptRequest,
  reply: CryptoDecryptReply,
  audit: { request: { ciphertext: 'never', associatedData: 'never' }, reply: { plaintext: 'never' } },
});
export const rewrapRow = keyRow({
  verb: 'rewrap',
  summary: 'Encrypts a ciphertext anew under the current version of its key; no plaintext leaves.',
  request: CryptoRewrapRequest,
  reply: CryptoRewrapReply,
  audit: {
    request: { ciphertext: 'never', associatedData: 'never' },
    reply: { ciphertext: 'never', formerVersion: 'plain' },
  },
});
export const dataKeyRow = keyRow({
  verb: 'data-key',
  summary: 'Makes a key of random octets for the caller, wrapped under a key of the platform.',
  request: CryptoDataKeyRequest,
  reply: CryptoDataKeyReply,
  audit: {
    request: { length: 'plain', reveal: 'plain', associatedData: 'never' },
    reply: { ciphertext: 'never', plaintext: 'never' },
  },
  requestBytesMax: 8_192,
});
