import { type Static, Type } from 'typebox';
import { Bytes, Ciphertext, closed, Name, Version } from '../fields.ts';
import { operation } from '../operation.ts';

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

export interface CryptoOperations {
  'crypto.encrypt': { request: CryptoEncryptRequest; reply: CryptoEncryptReply };
  'crypto.decrypt': { request: CryptoDecryptRequest; reply: CryptoDecryptReply };
}

const object = { kind: 'key', group: 'group', name: 'key' } as const;
const plainNamed = { group: 'plain', key: 'plain' } as const;

export const cryptoOperations = [
  operation({
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
  }),
  operation({
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
  }),
] as const;
