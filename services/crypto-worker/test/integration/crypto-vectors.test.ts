/** Published vectors on a real token: what the token makes of their keys is what the vectors say. */
import assert from 'node:assert/strict';
import { constants, createCipheriv, createPublicKey, hash, publicEncrypt, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import type { Hsm, HsmKeySpec, HsmKeyWrap } from '../../src/ports/hsm.ts';
import { placeSecretKey } from '../../testing/placed-keys.ts';
import { bytesOf, hexOf, publishedVectors, type Vector } from '../../testing/published-vectors.ts';
import { type AdapterOnSoftHsm, startOnSoftHsm } from '../../testing/softhsm-adapter.ts';

const refusedAs = (code: string) => (fault: unknown) => isStrongroomError(fault) && fault.code === code;
const isInvalid = refusedAs('ciphertext-invalid');
const [outer, inner] = ['strongroom/test/outer', 'strongroom/test/inner'];
const kek = randomBytes(32);
const brought = new Map<string, string>();

let adapter: AdapterOnSoftHsm;
let hsm: Hsm;

function keyWrapPad(key: Uint8Array, octets: Uint8Array): Buffer {
  const cipher = createCipheriv('id-aes256-wrap-pad', key, bytesOf('a65959a6'));
  return Buffer.concat([cipher.update(octets), cipher.final()]);
}

/** A few keys come in wrapped, as everybody's do. That costs a quarter of a second each, so the others are placed. */
const importedEvery = 25;

/** A token key of these octets; brought in once. */
async function tokenKey(spec: HsmKeySpec, octets: Uint8Array): Promise<string> {
  const name = `${spec.type}/${spec.use}/${hexOf(octets)}`;
  const known = brought.get(name);
  if (known !== undefined) return known;
  const label = `strongroom/test/vector/${brought.size}`;
  if (brought.size % importedEvery === 0) {
    await hsm.importKey(label, spec, {
      scheme: 'aes-kwp',
      wrappedBy: inner,
      wrapped: keyWrapPad(kek, octets),
    });
  } else placeSecretKey(adapter, label, spec.type, octets);
  brought.set(name, label);
  return label;
}

const aesType = (key: string) => (key.length === 32 ? 'aes-128' : 'aes-256');

before(async () => {
  adapter = await startOnSoftHsm();
  await adapter.ready();
  hsm = adapter.hsm;
  const spki = await hsm.createKey(outer, { type: 'rsa-2048', use: 'wrap' });
  const key = createPublicKey({ key: Buffer.from(spki ?? []), format: 'der', type: 'spki' });
  const [transport, padding] = [randomBytes(32), constants.RSA_PKCS1_OAEP_PADDING];
  const wrapped = Buffer.concat([
    publicEncrypt({ key, padding, oaepHash: 'sha1' }, transport),
    keyWrapPad(transport, kek),
  ]);
  const arriving = { scheme: 'rsa-aes-kwp', wrappedBy: outer, oaepHash: 'sha1', wrapped } as const;
  await hsm.importKey(inner, { type: 'aes-256', use: 'wrap' }, arriving);
});
after(() => adapter.close());

for (const file of ['wycheproof-aes-gcm.json', 'cavp-aes-gcm.json']) {
  test(`AES-GCM opens what is valid and nothing else: ${file}`, async () => {
    let opened = 0;
    for (const vector of publishedVectors<Vector<'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag'>>(file)) {
      const { tcId, comment, key, iv, aad, msg, ct, tag, result } = vector;
      const label = await tokenKey({ type: aesType(key), use: 'encrypt' }, bytesOf(key));
      const open = hsm.decrypt({ kind: 'token', label }, bytesOf(iv + ct + tag), bytesOf(aad));
      // An empty plaintext is valid AES-GCM, and nothing that the platform makes or opens.
      if (result === 'valid' && msg !== '') {
        assert.equal(hexOf(await open), msg, `${tcId} ${comment}`);
        opened += 1;
      } else await assert.rejects(open, isInvalid, `${tcId} ${comment}`);
    }
    assert.ok(opened > 45, `${opened}`);
  });
}

for (const [algorithm, file] of [
  ['aes-kw', 'wycheproof-aes-kw.json'],
  ['aes-kw', 'cavp-aes-kw.json'],
  ['aes-kwp', 'wycheproof-aes-kwp.json'],
  ['aes-kwp', 'cavp-aes-kwp.json'],
] as const satisfies readonly (readonly [HsmKeyWrap, string])[]) {
  test(`${algorithm} wraps and unwraps what is valid and unwraps nothing else: ${file}`, async () => {
    const counts = { both: 0, refused: 0, lacking: 0 };
    for (const { tcId, comment, key, msg, ct, result } of publishedVectors<Vector<'key' | 'msg' | 'ct'>>(
      file,
    )) {
      const label = await tokenKey({ type: aesType(key), use: 'wrap' }, bytesOf(key));
      const about = `${tcId} ${comment}`;
      if (result === 'valid' && bytesOf(msg).length % 8 !== 0) {
        // SoftHSM wraps and unwraps whole blocks only, and the adapter says so.
        await assert.rejects(
          hsm.wrapBytes(label, algorithm, bytesOf(msg)),
          refusedAs('mechanism-unsupported'),
        );
        counts.lacking += 1;
      } else if (result === 'valid') {
        assert.equal(hexOf(await hsm.wrapBytes(label, algorithm, bytesOf(msg))), ct, about);
        assert.equal(hexOf(await hsm.unwrapBytes(label, algorithm, bytesOf(ct))), msg, about);
        counts.both += 1;
      } else {
        await assert.rejects(hsm.unwrapBytes(label, algorithm, bytesOf(ct)), isInvalid, about);
        counts.refused += 1;
      }
    }
    assert.ok(counts.both > 2 && counts.refused > 8, JSON.stringify(counts));
  });
}

const macs = { 'hmac-sha256': 'sha256', 'hmac-sha384': 'sha384', 'hmac-sha512': 'sha512' } as const;
const blockBytes = { sha256: 64, sha384: 128, sha512: 128 } as const;
const hashBytes = { sha256: 32, sha384: 48, sha512: 64 } as const;

/**
 * A key of the platform is as long as the hash. By RFC 2104 section 2 a longer one than a block stands for its hash, and a shorter
 * one for itself with zero octets behind.
 */
function macKey(type: keyof typeof macs, key: Buffer): Buffer {
  const name = macs[type];
  const octets = key.length > blockBytes[name] ? hash(name, key, 'buffer') : key;
  return Buffer.concat([octets, Buffer.alloc(hashBytes[name] - octets.length)]);
}

type Mac = Vector<'key' | 'msg' | 'tag'> & { readonly type?: keyof typeof macs };

for (const file of ['wycheproof-hmac-sha256.json', 'wycheproof-hmac.json', 'rfc4231-hmac.json']) {
  test(`HMAC makes what is valid and nothing else: ${file}`, async () => {
    let made = 0;
    for (const vector of publishedVectors<Mac>(file)) {
      const { tcId, comment, type = 'hmac-sha256', key, msg, tag, result } = vector;
      // Data is what there is of, by the port's contract.
      if (msg === '') continue;
      const label = await tokenKey({ type, use: 'mac' }, macKey(type, bytesOf(key)));
      const mac = hexOf(await hsm.mac(label, bytesOf(msg)));
      assert.equal(mac === tag, result === 'valid', `${tcId} ${comment}`);
      if (result === 'valid') made += 1;
    }
    assert.ok(made > 5, `${made}`);
  });
}
