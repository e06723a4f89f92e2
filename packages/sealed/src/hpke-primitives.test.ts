import assert from 'node:assert/strict';
import { hkdfSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke';
import { aes256Gcm, dhkemX25519, hkdfSha256 } from './hpke-primitives.ts';

const ours = new CipherSuite(dhkemX25519, hkdfSha256, aes256Gcm);
const theirs = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM);

test('what our primitives seal the primitives of the library open, and the other way round', async () => {
  const pair = await ours.GenerateKeyPair(true);
  const [secret, open] = [
    await ours.SerializePrivateKey(pair.privateKey),
    await ours.SerializePublicKey(pair.publicKey),
  ];
  const same = {
    privateKey: await theirs.DeserializePrivateKey(secret, false),
    publicKey: await theirs.DeserializePublicKey(open),
  };
  const info = Buffer.from('info');
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), fc.uint8Array(), async (plaintext, aad) => {
      const mine = await ours.Seal(pair.publicKey, plaintext, { aad, info });
      const opened = await theirs.Open(same, mine.encapsulatedSecret, mine.ciphertext, { aad, info });
      assert.deepEqual(Buffer.from(opened), Buffer.from(plaintext));
      const other = await theirs.Seal(same.publicKey, plaintext, { aad, info });
      const again = await ours.Open(pair, other.encapsulatedSecret, other.ciphertext, { aad, info });
      assert.deepEqual(Buffer.from(again), Buffer.from(plaintext));
    }),
    { numRuns: 20 },
  );
});

test('extract and expand are those of node:crypto, at every length', async () => {
  const { Extract, Expand } = hkdfSha256();
  const length = fc.integer({ min: 1, max: 255 * 32 });
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array(),
      fc.uint8Array(),
      fc.uint8Array(),
      length,
      async (ikm, salt, info, bytes) => {
        const expanded = await Expand(await Extract(salt, ikm), info, bytes);
        assert.deepEqual(Buffer.from(expanded), Buffer.from(hkdfSync('sha256', ikm, salt, info, bytes)));
      },
    ),
  );
  await assert.rejects(Expand(new Uint8Array(32), new Uint8Array(), 255 * 32 + 1), RangeError);
});

test('keys of another length are none', async () => {
  const kem = dhkemX25519();
  for (const bytes of [0, 31, 33]) {
    await assert.rejects(kem.DeserializePublicKey(new Uint8Array(bytes)), TypeError);
    await assert.rejects(kem.DeserializePrivateKey(new Uint8Array(bytes), false), TypeError);
  }
});

test('an encapsulation to a point of small order fails', async () => {
  for (const first of [0, 1]) {
    const point = await ours.DeserializePublicKey(Uint8Array.of(first, ...new Uint8Array(31)));
    await assert.rejects(ours.Seal(point, new Uint8Array()));
  }
});

test('a private key that may not be exported is not', async () => {
  const { privateKey } = await ours.GenerateKeyPair(false);
  await assert.rejects(ours.SerializePrivateKey(privateKey));
});
