import { type Static, Type } from 'typebox';
import { Bytes, closed } from '../fields.ts';
import { ProtectionLevel } from '../key-type.ts';
import { operation } from '../operation.ts';
import { type Batches, batchOf } from './crypto-batch.ts';
import * as data from './crypto-data.ts';
import * as signature from './crypto-signature.ts';
import * as wrap from './crypto-wrap.ts';

export const CryptoRandomRequest = closed({ length: Type.Integer({ minimum: 1, maximum: 1_024 }) });
export type CryptoRandomRequest = Static<typeof CryptoRandomRequest>;
export const CryptoRandomReply = closed({ bytes: Bytes(1_024, 1), protection: ProtectionLevel });
export type CryptoRandomReply = Static<typeof CryptoRandomReply>;

/** Operations on one item. Each has a batch form, `crypto.<verb>-many`. */
export interface CryptoItemOperations {
  'crypto.encrypt': { request: data.CryptoEncryptRequest; reply: data.CryptoEncryptReply };
  'crypto.decrypt': { request: data.CryptoDecryptRequest; reply: data.CryptoDecryptReply };
  'crypto.rewrap': { request: data.CryptoRewrapRequest; reply: data.CryptoRewrapReply };
  'crypto.data-key': { request: data.CryptoDataKeyRequest; reply: data.CryptoDataKeyReply };
  'crypto.wrap': { request: wrap.CryptoWrapRequest; reply: wrap.CryptoWrapReply };
  'crypto.unwrap': { request: wrap.CryptoUnwrapRequest; reply: wrap.CryptoUnwrapReply };
  'crypto.sign': { request: signature.CryptoSignRequest; reply: signature.CryptoSignReply };
  'crypto.verify': { request: signature.CryptoVerifyRequest; reply: signature.CryptoVerifyReply };
  'crypto.mac': { request: signature.CryptoMacRequest; reply: signature.CryptoMacReply };
  'crypto.verify-mac': { request: signature.CryptoVerifyMacRequest; reply: signature.CryptoVerifyMacReply };
  'crypto.random': { request: CryptoRandomRequest; reply: CryptoRandomReply };
}
export interface CryptoOperations extends CryptoItemOperations, Batches<CryptoItemOperations> {}

const randomRow = operation({
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
  audit: { request: { length: 'plain' }, reply: { bytes: 'never', protection: 'plain' } },
  deadlineMs: 5_000,
  requestBytesMax: 4_096,
  rest: { method: 'POST', path: '/v1/crypto/random' },
  since: '0.1.0',
});

const itemRows = [
  data.encryptRow,
  data.decryptRow,
  data.rewrapRow,
  data.dataKeyRow,
  wrap.wrapRow,
  wrap.unwrapRow,
  signature.signRow,
  signature.verifyRow,
  signature.macRow,
  signature.verifyMacRow,
  randomRow,
] as const;

export const cryptoOperations = [...itemRows, ...itemRows.map((row) => batchOf(row as never))];
