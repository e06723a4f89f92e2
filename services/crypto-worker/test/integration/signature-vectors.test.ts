/** Published signatures on a real token: what is valid verifies, and nothing else does. */
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { after, before, test } from 'node:test';
import { joseFromDer } from '../../src/domain/ecdsa-encoding.ts';
import type { Hsm, HsmKeyType, HsmSignatureAlgorithm } from '../../src/ports/hsm.ts';
import { placePair } from '../../testing/placed-keys.ts';
import { bytesOf, hexOf, publishedVectors, type Vector } from '../../testing/published-vectors.ts';
import { type AdapterOnSoftHsm, openOnSoftHsm } from '../../testing/softhsm-adapter.ts';

let adapter: AdapterOnSoftHsm;
let hsm: Hsm;
const placed = new Map<string, string>();

before(async () => {
  adapter = await openOnSoftHsm();
  hsm = adapter.hsm;
});
after(() => adapter.close());

function labelOf(type: HsmKeyType, spki: Uint8Array, exponent?: string): string {
  const name = `${Buffer.from(spki).toString('base64')} ${exponent}`;
  const known = placed.get(name);
  if (known !== undefined) return known;
  const label = `strongroom/test/signature/${placed.size}`;
  placePair(adapter, label, type, spki, exponent === undefined ? undefined : bytesOf(exponent));
  placed.set(name, label);
  return label;
}

const base64url = (hex: string) => bytesOf(hex).toString('base64url');
const spkiOf = (key: Parameters<typeof createPublicKey>[0]): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' });

type Rsa = Vector<'n' | 'e' | 'msg' | 'sig'> & {
  readonly type: HsmKeyType;
  readonly algorithm: HsmSignatureAlgorithm;
  /** Of PSS. */
  readonly saltBytes?: number;
};

for (const file of ['cavp-rsa.json', 'wycheproof-rsa.json']) {
  test(`RSA PKCS#1 v1.5 and PSS: ${file}`, async () => {
    const counts = { valid: 0, invalid: 0 };
    for (const vector of publishedVectors<Rsa>(file)) {
      const { tcId, comment, type, algorithm, n, e, msg, sig, saltBytes } = vector;
      const spki = spkiOf({ key: { kty: 'RSA', n: base64url(n), e: base64url(e) }, format: 'jwk' });
      const isValid = await hsm.verify(labelOf(type, spki), bytesOf(msg), bytesOf(sig), algorithm, 'message');
      // A salt of another length than the hash's is no signature of the platform's algorithms, however valid.
      const isOurs = saltBytes === undefined || saltBytes === Number(algorithm.slice(-3)) / 8;
      const expected = isOurs ? vector.result : 'invalid';
      assert.equal(isValid, expected === 'valid', `${tcId} ${comment}`);
      counts[expected] += 1;
    }
    assert.ok(counts.valid >= 6 && counts.invalid > 30, JSON.stringify(counts));
  });
}

const curves = {
  'ec-p256': { crv: 'P-256', hash: 'sha256', algorithm: 'ecdsa-sha256', orderBytes: 32 },
  'ec-p384': { crv: 'P-384', hash: 'sha384', algorithm: 'ecdsa-sha384', orderBytes: 48 },
} as const;

type Curve = Vector<'x' | 'y' | 'msg' | 'sig'> & { readonly type: keyof typeof curves; readonly d?: string };

test('ECDSA: cavp-ecdsa.json; the token signs with the keys of SigGen what another implementation verifies', async () => {
  const counts = { valid: 0, invalid: 0, signed: 0 };
  for (const { tcId, comment, type, x, y, d, msg, sig, result } of publishedVectors<Curve>(
    'cavp-ecdsa.json',
  )) {
    const { crv, hash, algorithm } = curves[type];
    const key = { key: { kty: 'EC', crv, x: base64url(x), y: base64url(y) }, format: 'jwk' } as const;
    const label = labelOf(type, spkiOf(key), d);
    const isValid = await hsm.verify(label, bytesOf(msg), bytesOf(sig), algorithm, 'message');
    assert.equal(isValid, result === 'valid', `${tcId} ${comment}`);
    counts[result] += 1;
    if (d === undefined) continue;
    const made = await hsm.sign(label, bytesOf(msg), algorithm, 'message');
    assert.ok(verify(hash, bytesOf(msg), { ...key, dsaEncoding: 'ieee-p1363' }, made), `${tcId} ${comment}`);
    counts.signed += 1;
  }
  assert.deepEqual(counts, { valid: 14, invalid: 24, signed: 8 });
});

for (const [file, type] of [
  ['wycheproof-ecdsa-p256.json', 'ec-p256'],
  ['wycheproof-ecdsa-p384.json', 'ec-p384'],
] as const) {
  test(`ECDSA in DER: ${file}`, async () => {
    const { algorithm, orderBytes } = curves[type];
    const counts = { valid: 0, invalid: 0 };
    for (const { tcId, comment, publicKey, msg, sig, result } of publishedVectors<
      Vector<'publicKey' | 'msg' | 'sig'>
    >(file)) {
      if (msg === '') continue;
      const jose = joseFromDer(bytesOf(sig), orderBytes);
      const label = labelOf(type, bytesOf(publicKey));
      const isValid =
        jose !== undefined && (await hsm.verify(label, bytesOf(msg), jose, algorithm, 'message'));
      assert.equal(isValid, result === 'valid', `${tcId} ${comment}`);
      counts[result] += 1;
    }
    assert.ok(counts.valid >= 5 && counts.invalid > 25, JSON.stringify(counts));
  });
}

test('RSA PKCS#1 v1.5: the token makes the signatures of wycheproof-rsa-sig-gen.json octet by octet', async () => {
  type Made = Vector<'n' | 'e' | 'd' | 'msg' | 'sig'> & Pick<Rsa, 'type' | 'algorithm'>;
  let made = 0;
  for (const { tcId, type, algorithm, n, e, d, msg, sig } of publishedVectors<Made>(
    'wycheproof-rsa-sig-gen.json',
  )) {
    const spki = spkiOf({ key: { kty: 'RSA', n: base64url(n), e: base64url(e) }, format: 'jwk' });
    const label = labelOf(type, spki, d);
    assert.equal(hexOf(await hsm.sign(label, bytesOf(msg), algorithm, 'message')), sig, `${tcId}`);
    made += 1;
  }
  assert.ok(made > 12);
});
