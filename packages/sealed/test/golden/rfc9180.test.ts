import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deterministicSuite, hex, unhex, x25519Keys } from './deterministic-suite.ts';

interface Vector {
  readonly source: string;
  readonly aead: 'aes-128-gcm' | 'aes-256-gcm';
  readonly info: string;
  readonly skEm: string;
  readonly ikmR?: string;
  readonly pkRm: string;
  readonly skRm: string;
  readonly enc: string;
  readonly pt: string;
  readonly encryptions: readonly { readonly sequence: number; readonly aad: string; readonly ct: string }[];
  readonly exports: readonly { readonly context: string; readonly value: string }[];
}

const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL('./rfc9180.json', import.meta.url), 'utf8'),
);

for (const vector of vectors) {
  const setup = async () => {
    const { cipher } = deterministicSuite(vector.aead, await x25519Keys(vector.skEm));
    const keys = await x25519Keys(vector.skRm);
    return { cipher, keys, info: unhex(vector.info) };
  };

  test(`the sender makes what the vector says: ${vector.source}`, async () => {
    const { cipher, keys, info } = await setup();
    assert.equal(hex(await cipher.SerializePublicKey(keys.publicKey)), vector.pkRm);
    const { encapsulatedSecret, ctx } = await cipher.SetupSender(keys.publicKey, { info });
    assert.equal(hex(encapsulatedSecret), vector.enc);
    for (const { sequence, aad, ct } of vector.encryptions) {
      while (ctx.seq < sequence) await ctx.Seal(unhex(vector.pt));
      assert.equal(hex(await ctx.Seal(unhex(vector.pt), unhex(aad))), ct);
    }
    for (const { context, value } of vector.exports) {
      assert.equal(hex(await ctx.Export(unhex(context), 32)), value);
    }
  });

  test(`the recipient opens what the vector says: ${vector.source}`, async () => {
    const { cipher, keys, info } = await setup();
    const ctx = await cipher.SetupRecipient(keys, unhex(vector.enc), { info });
    for (const { sequence, aad, ct } of vector.encryptions.filter((row) => row.sequence < 2)) {
      assert.equal(ctx.seq, sequence);
      assert.equal(hex(await ctx.Open(unhex(ct), unhex(aad))), vector.pt);
    }
    for (const { context, value } of vector.exports) {
      assert.equal(hex(await ctx.Export(unhex(context), 32)), value);
    }
  });
}

test('a key pair is derived as the vector says', async () => {
  const [vector] = vectors;
  assert.ok(vector?.ikmR);
  const { cipher } = deterministicSuite(vector.aead, await x25519Keys(vector.skEm));
  const keys = await cipher.DeriveKeyPair(unhex(vector.ikmR), true);
  assert.equal(hex(await cipher.SerializePrivateKey(keys.privateKey)), vector.skRm);
  assert.equal(hex(await cipher.SerializePublicKey(keys.publicKey)), vector.pkRm);
});
