import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ed25519PrivateKey,
  ed25519PublicKey,
  ed25519RawPublicKey,
  ed25519Sign,
  ed25519Verify,
} from './ed25519.ts';

const unhex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

// RFC 8032 section 7.1, test 1.
const seed = unhex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
const publicKey = unhex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
const signature = unhex(
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
);
const nothing = new Uint8Array();

test('the first vector of RFC 8032', () => {
  const key = ed25519PrivateKey(seed);
  assert.deepEqual(ed25519RawPublicKey(key), publicKey);
  assert.deepEqual(ed25519RawPublicKey(ed25519PublicKey(publicKey)), publicKey);
  assert.deepEqual(Uint8Array.from(ed25519Sign(key, nothing)), signature);
  assert.ok(ed25519Verify(publicKey, nothing, signature));
  assert.ok(!ed25519Verify(publicKey, Uint8Array.of(0), signature));
});

test('any key and any signature are answered, never thrown at', () => {
  const lengths = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array());
  const signatures = fc.oneof(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.uint8Array());
  fc.assert(
    fc.property(lengths, fc.uint8Array(), signatures, (raw, data, forged) => {
      assert.equal(ed25519Verify(raw, data, forged), false);
    }),
  );
});

/**
 * Encodings of the points whose order divides 8. A runtime that took one as a key would let a fixed signature fit every
 * message, so its holder could deny or claim anything; OpenSSL 3.0 does, the one that our Node brings does not.
 */
const smallOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(unhex);

test('no signature fits a key of small order', () => {
  for (const raw of smallOrder) {
    for (const point of smallOrder) {
      const forged = Uint8Array.of(...point, ...new Uint8Array(32));
      for (let message = 0; message < 16; message += 1) {
        assert.ok(!ed25519Verify(raw, Uint8Array.of(message), forged));
      }
    }
  }
});
