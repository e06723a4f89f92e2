/** Published test vectors of AES key wrapping for the lengths of keys that the port has: RFC 3394 section 4. */
import type { HsmKeyWrap } from '../src/ports/hsm.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

export interface KeyWrapVector {
  readonly algorithm: HsmKeyWrap;
  readonly kek: Buffer;
  readonly plain: Buffer;
  readonly wrapped: Buffer;
}

const kek128 = hex('000102030405060708090a0b0c0d0e0f');
const kek256 = hex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');

export const kwVectors: readonly KeyWrapVector[] = [
  {
    algorithm: 'aes-kw',
    kek: kek128,
    plain: hex('00112233445566778899aabbccddeeff'),
    wrapped: hex('1fa68b0a8112b447 aef34bd8fb5a7b82 9d3e862371d2cfe5'),
  },
  {
    algorithm: 'aes-kw',
    kek: kek256,
    plain: hex('00112233445566778899aabbccddeeff'),
    wrapped: hex('64e8c3f9ce0f5ba2 63e9777905818a2a 93c8191e7d6e8ae7'),
  },
  {
    algorithm: 'aes-kw',
    kek: kek256,
    plain: hex('00112233445566778899aabbccddeeff0001020304050607'),
    wrapped: hex('a8f9bc1612c68b3f f6e6f4fbe30e71e4 769c8b80a32cb895 8cd5d17d6b254da1'),
  },
  {
    algorithm: 'aes-kw',
    kek: kek256,
    plain: hex('00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f'),
    wrapped: hex('28c9f404c4b810f4 cbccb35cfb87f826 3f5786e2d80ed326 cbc7f0e71a99f43b fb988b9b7a02dd21'),
  },
];
