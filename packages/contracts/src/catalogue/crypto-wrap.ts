/** Key material of callers under keys of purpose `wrapping`: AES key wrap, RFC 3394 and RFC 5649. */
import { type Static, Type } from 'typebox';
import { Bytes, Ciphertext, closed } from '../fields.ts';
import { keyNamed, keyRow, keyUsed } from './crypto-row.ts';

/** `aes-kw` takes 16 octets or more in multiples of 8, `aes-kwp` any number. */
export const WrapMechanism = Type.Union([Type.Literal('aes-kw'), Type.Literal('aes-kwp')]);
export type WrapMechanism = Static<typeof WrapMechanism>;
const KeyMaterial = Bytes(4_096, 1);

export const CryptoWrapRequest = closed({ ...keyNamed, mechanism: WrapMechanism, keyMaterial: KeyMaterial });
export type CryptoWrapRequest = Static<typeof CryptoWrapRequest>;
export const CryptoWrapReply = closed({ ...keyUsed, wrapped: Ciphertext });
export type CryptoWrapReply = Static<typeof CryptoWrapReply>;
export const CryptoUnwrapRequest = closed({ ...keyNamed, wrapped: Ciphertext });
export type CryptoUnwrapRequest = Static<typeof CryptoUnwrapRequest>;
export const CryptoUnwrapReply = closed({ ...keyUsed, keyMaterial: KeyMaterial });
export type CryptoUnwrapReply = Static<typeof CryptoUnwrapReply>;

export const wrapRow = keyRow({
  verb: 'wrap',
  summary: 'Wraps key material under the current version of a wrapping key.',
  request: CryptoWrapRequest,
  reply: CryptoWrapReply,
  audit: { request: { mechanism: 'plain', keyMaterial: 'never' }, reply: { wrapped: 'never' } },
  requestBytesMax: 8_192,
});
export const unwrapRow = keyRow({
  verb: 'unwrap',
  summary: 'Unwraps key material that a version of the wrapping key wrapped.',
  request: CryptoUnwrapRequest,
  reply: CryptoUnwrapReply,
  audit: { request: { wrapped: 'never' }, reply: { keyMaterial: 'never' } },
  requestBytesMax: 8_192,
});
