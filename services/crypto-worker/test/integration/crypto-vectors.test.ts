/** Published vectors on a real token: keys come in wrapped, and what the token makes of them is what the vectors say. */
import assert from 'node:assert/strict';
import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import type { Hsm, HsmKeySpec, HsmKeyWrap } from '../../src/ports/hsm.ts';
import { type AdapterOnSoftHsm, startOnSoftHsm } from '../../testing/softhsm-adapter.ts';

type Vector<Fields extends string> = Readonly<Record<Fields | 'key' | 'comment', string>> & {
  readonly tcId: number;
  readonly result: 'valid' | 'invalid';
};

/** Every third: nearly each has a key of its own, and bringing one in costs a quarter of a second. */
function vectors<Fields extends string>(name: string): readonly Vector<Fields>[] {
  const { tests } = JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8'));
  return (tests as Vector<Fields>[]).filter((_, place) => place % 3 === 0);
}

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const hexOf = (made: Uint8Array): string => Buffer.from(made).toString('hex');
const refusedAs = (code: string) => (fault: unknown) => isStrongroomError(fault) && fault.code === code;
const isInvalid = refusedAs('ciphertext-invalid');
const [outer, inner] = ['strongroom/test/outer', 'strongroom/test/inner'];
const kek = randomBytes(32);
const imported = new Map<string, string>();

let adapter: AdapterOnSoftHsm;
let hsm: Hsm;

function keyWrapPad(key: Uint8Array, octets: Uint8Array): Buffer {
  const cipher = createCipheriv('id-aes256-wrap-pad', key, bytes('a65959a6'));
  return Buffer.concat([cipher.update(octets), cipher.final()]);
}

/** A token key of these octets; brought in once. */
async function tokenKey(spec: HsmKeySpec, octets: Uint8Array): Promise<string> {
  const name = `${spec.type}/${spec.use}/${hexOf(octets)}`;
  const known = imported.get(name);
  if (known !== undefined) return known;
  const label = `strongroom/test/vector/${imported.size}`;
  const wrapped = keyWrapPad(kek, octets);
  await hsm.importKey(label, spec, { scheme: 'aes-kwp', wrappedBy: inner, wrapped });
  imported.set(name, label);
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

test('AES-GCM opens what is valid and nothing else', async () => {
  let opened = 0;
  for (const vector of vectors<'iv' | 'aad' | 'msg' | 'ct' | 'tag'>('wycheproof-aes-gcm.json')) {
    const { tcId, comment, key, iv, aad, msg, ct, tag, result } = vector;
    const label = await tokenKey({ type: aesType(key), use: 'encrypt' }, bytes(key));
    const open = hsm.decrypt({ kind: 'token', label }, bytes(iv + ct + tag), bytes(aad));
    // An empty plaintext is valid AES-GCM, and nothing that the platform makes or opens.
    if (result === 'valid' && msg !== '') {
      assert.equal(hexOf(await open), msg, `${tcId} ${comment}`);
      opened += 1;
    } else await assert.rejects(open, isInvalid, `${tcId} ${comment}`);
  }
  assert.ok(opened > 15);
});

for (const [algorithm, file] of [
  ['aes-kw', 'wycheproof-aes-kw.json'],
  ['aes-kwp', 'wycheproof-aes-kwp.json'],
] as const satisfies readonly (readonly [HsmKeyWrap, string])[]) {
  test(`${algorithm} wraps and unwraps what is valid and unwraps nothing else`, async () => {
    for (const { tcId, comment, key, msg, ct, result } of vectors<'msg' | 'ct'>(file)) {
      const label = await tokenKey({ type: aesType(key), use: 'wrap' }, bytes(key));
      const about = `${tcId} ${comment}`;
      if (result === 'valid' && bytes(msg).length % 8 !== 0) {
        // SoftHSM wraps and unwraps whole blocks only, and the adapter says so.
        await assert.rejects(hsm.wrapBytes(label, algorithm, bytes(msg)), refusedAs('mechanism-unsupported'));
      } else if (result === 'valid') {
        assert.equal(hexOf(await hsm.wrapBytes(label, algorithm, bytes(msg))), ct, about);
        assert.equal(hexOf(await hsm.unwrapBytes(label, algorithm, bytes(ct))), msg, about);
      } else await assert.rejects(hsm.unwrapBytes(label, algorithm, bytes(ct)), isInvalid, about);
    }
  });
}

test('HMAC-SHA256 makes what is valid and nothing else', async () => {
  for (const { tcId, comment, key, msg, tag, result } of vectors<'msg' | 'tag'>(
    'wycheproof-hmac-sha256.json',
  )) {
    const label = await tokenKey({ type: 'hmac-sha256', use: 'mac' }, bytes(key));
    const made = hexOf(await hsm.mac(label, bytes(msg)));
    assert.equal(made === tag, result === 'valid', `${tcId} ${comment}`);
  }
});
