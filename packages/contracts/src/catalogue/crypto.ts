import { type Static, Type } from 'typebox';
import { Bytes, Ciphertext, closed, Name, Version } from '../fields.ts';
import { operation } from '../operation.ts';
import { type Batches, batchOf } from './crypto-batch.ts';

/** Context that must be the same at decryption; authenticated, not encrypted. */
const AssociatedData = Type.Optional(Bytes(4_096));
const named = { group: Name, key: Name };

export const CryptoEncryptRequest = closed({
  ...named,
  plaintext: Bytes(65_536, 1),
  associatedData: AssociatedData,
});
export type CryptoEncryptRequest = Static<typeof CryptoEncryptRequest>;
export const CryptoEncryptReply = closed({ version: Version, ciphertext: Ciphertext });
export type CryptoEncryptReply = Static<typeof CryptoEncryptReply>;
export const CryptoDecryptRequest = closed({
  ...named,
  ciphertext: Ciphertext,
  associatedData: AssociatedData,
});
export type CryptoDecryptRequest = Static<typeof CryptoDecryptRequest>;
export const CryptoDecryptReply = closed({ version: Version, plaintext: Bytes(65_536) });
export type CryptoDecryptReply = Static<typeof CryptoDecryptReply>;
export const CryptoRandomRequest = closed({ length: Type.Integer({ minimum: 1, maximum: 1_024 }) });
export type CryptoRandomRequest = Static<typeof CryptoRandomRequest>;
export const CryptoRandomReply = closed({ bytes: Bytes(1_024, 1) });
export type CryptoRandomReply = Static<typeof CryptoRandomReply>;

/** Operations on one item. Each has a batch form, `crypto.<verb>-many`. */
export interface CryptoItemOperations {
  'crypto.encrypt': { request: CryptoEncryptRequest; reply: CryptoEncryptReply };
  'crypto.decrypt': { request: CryptoDecryptRequest; reply: CryptoDecryptReply };
  'crypto.random': { request: CryptoRandomRequest; reply: CryptoRandomReply };
}
export interface CryptoOperations extends CryptoItemOperations, Batches<CryptoItemOperations> {}

const object = { kind: 'key', group: 'group', name: 'key' } as const;
const plainNamed = { group: 'plain', key: 'plain' } as const;

const encrypt = operation({
  name: 'crypto.encrypt',
  summary: 'Encrypts data under the current version of a data key.',
  class: 'crypto',
  request: CryptoEncryptRequest,
  reply: CryptoEncryptReply,
  privilege: 'crypto.encrypt',
  object,
  actors: 'machines',
  mutates: false,
  guardable: false,
  audit: {
    request: { ...plainNamed, plaintext: 'never', associatedData: 'never' },
    reply: { version: 'plain', ciphertext: 'never' },
  },
  deadlineMs: 5_000,
  requestBytesMax: 98_304,
  rest: { method: 'POST', path: '/v1/crypto/{group}/{key}/encrypt' },
  since: '0.1.0',
});
const decrypt = operation({
  name: 'crypto.decrypt',
  summary: 'Decrypts data that a version of the data key encrypted.',
  class: 'crypto',
  request: CryptoDecryptRequest,
  reply: CryptoDecryptReply,
  privilege: 'crypto.decrypt',
  object,
  actors: 'machines',
  mutates: false,
  guardable: false,
  audit: {
    request: { ...plainNamed, ciphertext: 'never', associatedData: 'never' },
    reply: { version: 'plain', plaintext: 'never' },
  },
  deadlineMs: 5_000,
  requestBytesMax: 98_304,
  rest: { method: 'POST', path: '/v1/crypto/{group}/{key}/decrypt' },
  since: '0.1.0',
});
const random = operation({
  name: 'crypto.random',
  summary: 'Gives random bytes of the generator of the HSM.',
  class: 'crypto',
  request: CryptoRandomRequest,
  reply: CryptoRandomReply,
  privilege: 'crypto.random',
  object: { kind: 'system' },
  actors: 'machines',
  mutates: false,
  guardable: false,
  audit: { request: { length: 'plain' }, reply: { bytes: 'never' } },
  deadlineMs: 5_000,
  requestBytesMax: 4_096,
  rest: { method: 'POST', path: '/v1/crypto/random' },
  since: '0.1.0',
});

export const cryptoOperations = [
  encrypt,
  decrypt,
  random,
  batchOf(encrypt),
  batchOf(decrypt),
  batchOf(random),
] as const;
