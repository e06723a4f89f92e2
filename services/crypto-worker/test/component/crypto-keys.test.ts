/** Data keys, wrapping, rewrapping, RSA, and keys of protection `software`. */
import assert from 'node:assert/strict';
import { createDecipheriv, createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import { CryptoScene, group } from '../../testing/crypto-scene.ts';

const scene = await CryptoScene.set({
  data: { purpose: 'data' },
  small: { purpose: 'data', type: 'aes-128' },
  soft: { purpose: 'data', protection: 'software' },
  soft128: { purpose: 'data', type: 'aes-128', protection: 'software' },
  rsa: { purpose: 'data', type: 'rsa-2048' },
  wrapping: { purpose: 'wrapping' },
  kek: { purpose: 'kek' },
});
const associatedData = encodeBytes(Buffer.from('order 12'));
const text = (value: string) => encodeBytes(Buffer.from(value));

for (const [key, protection] of [
  ['data', 'hsm'],
  ['small', 'hsm'],
  ['soft', 'software'],
  ['soft128', 'software'],
] as const) {
  test(`${key}: data and data keys, bound to their context, with the protection in answer and log`, async () => {
    const plaintext = text('a card number');
    const asked = { group, key, associatedData };
    const made = await scene.carryOut('crypto.encrypt', { ...asked, plaintext });
    assert.equal(made.protection, protection);
    const { entries } = scene.scene.deployment.auditLog;
    assert.deepEqual(entries.at(-1)?.reply, { version: '1', protection: `"${protection}"` });
    const { ciphertext } = made;
    const opened = await scene.carryOut('crypto.decrypt', { ...asked, ciphertext });
    assert.deepEqual(opened, { plaintext, version: 1, protection });
    assert.equal(await scene.codeOf('crypto.decrypt', { group, key, ciphertext }), 'ciphertext-invalid');
    const damaged = ciphertext.replace(/.{8}$/, 'AAAAAAAA');
    assert.equal(
      await scene.codeOf('crypto.decrypt', { ...asked, ciphertext: damaged }),
      'ciphertext-invalid',
    );

    const withKey = await scene.carryOut('crypto.data-key', { ...asked, length: 32, reveal: true });
    assert.equal(withKey.plaintext?.length, 43);
    const again = await scene.carryOut('crypto.decrypt', { ...asked, ciphertext: withKey.ciphertext });
    assert.equal(again.plaintext, withKey.plaintext);
    const wrappedOnly = await scene.carryOut('crypto.data-key', { ...asked, length: 16, reveal: false });
    assert.equal(wrappedOnly.plaintext, undefined);
    const later = await scene.carryOut('crypto.decrypt', { ...asked, ciphertext: wrappedOnly.ciphertext });
    assert.equal(decodeBytes(later.plaintext).length, 16);

    const items = [plaintext, text('another')].map((each) => ({ ...asked, plaintext: each }));
    const many = await scene.carryOut('crypto.encrypt-many', { items });
    assert.deepEqual(many.protections, [protection]);
    assert.equal(entries.at(-1)?.reply['protections'], `["${protection}"]`);
  });
}

test('rewrap: the new version opens it, and what is bound stays bound', async () => {
  const own = await CryptoScene.set({
    soft: { purpose: 'data', protection: 'software' },
    data: { purpose: 'data' },
  });
  for (const key of ['soft', 'data']) {
    const asked = { group, key, associatedData };
    const first = await own.carryOut('crypto.encrypt', { ...asked, plaintext: text('x') });
    await own.scene.ask('key.rotate', { group, name: key });
    const { ciphertext, version, formerVersion } = await own.carryOut('crypto.rewrap', {
      ...asked,
      ciphertext: first.ciphertext,
    });
    assert.deepEqual([version, formerVersion], [2, 1]);
    assert.match(ciphertext, /^sr1\.[0-9a-f-]+\.2\.gcm\./);
    assert.equal((await own.carryOut('crypto.decrypt', { ...asked, ciphertext })).plaintext, text('x'));
    assert.equal(await own.codeOf('crypto.rewrap', { group, key, ciphertext }), 'ciphertext-invalid');
    const items = [first.ciphertext, 'sr1', ciphertext].map((each) => ({ ...asked, ciphertext: each }));
    const { results } = await own.carryOut('crypto.rewrap-many', { items });
    assert.deepEqual(
      results.map((result) => (result.status === 'done' ? result.formerVersion : result.code)),
      [1, 'ciphertext-invalid', 2],
    );
  }
});

test('RSA-OAEP to the public half: up to its length, without associated data', async () => {
  const asked = { group, key: 'rsa' };
  const plaintext = encodeBytes(Buffer.alloc(190, 7));
  const { ciphertext } = await scene.carryOut('crypto.encrypt', { ...asked, plaintext });
  assert.match(ciphertext, /\.oaep\./);
  assert.equal((await scene.carryOut('crypto.decrypt', { ...asked, ciphertext })).plaintext, plaintext);
  const longer = { ...asked, plaintext: encodeBytes(Buffer.alloc(191)) };
  assert.equal(await scene.codeOf('crypto.encrypt', longer), 'request-invalid');
  const bound = { ...asked, plaintext, associatedData };
  assert.equal(await scene.codeOf('crypto.encrypt', bound), 'request-invalid');
  const otherForm = ciphertext.replace('.oaep.', '.gcm.');
  assert.equal(
    await scene.codeOf('crypto.decrypt', { ...asked, ciphertext: otherForm }),
    'ciphertext-invalid',
  );
});

test('key material is wrapped as RFC 3394 and RFC 5649 say, and comes back', async () => {
  const key = { group, key: 'wrapping' };
  for (const [mechanism, form, bytes, wrappedBytes] of [
    ['aes-kw', 'kw', 32, 40],
    ['aes-kwp', 'kwp', 20, 32],
  ] as const) {
    const keyMaterial = encodeBytes(Buffer.alloc(bytes, 5));
    const { wrapped, protection } = await scene.carryOut('crypto.wrap', { ...key, mechanism, keyMaterial });
    assert.equal(protection, 'hsm');
    const [, , version, shown, payload] = wrapped.split('.');
    assert.deepEqual([version, shown, decodeBytes(payload ?? '').length], ['1', form, wrappedBytes]);
    assert.equal((await scene.carryOut('crypto.unwrap', { ...key, wrapped })).keyMaterial, keyMaterial);
    const damaged = wrapped.replace(/.{8}$/, 'AAAAAAAA');
    assert.equal(await scene.codeOf('crypto.unwrap', { ...key, wrapped: damaged }), 'ciphertext-invalid');
  }
  const odd = { ...key, mechanism: 'aes-kw' as const, keyMaterial: encodeBytes(Buffer.alloc(20)) };
  assert.equal(await scene.codeOf('crypto.wrap', odd), 'request-invalid');
  const { ciphertext } = await scene.carryOut('crypto.data-key', { ...key, length: 24, reveal: false });
  const { keyMaterial } = await scene.carryOut('crypto.unwrap', { ...key, wrapped: ciphertext });
  assert.equal(decodeBytes(keyMaterial).length, 24);
  const bound = { ...key, length: 24, reveal: false, associatedData };
  assert.equal(await scene.codeOf('crypto.data-key', bound), 'request-invalid');
});

test('a key does nothing that is not of its purpose', async () => {
  const plaintext = text('x');
  const sealed = await scene.carryOut('crypto.encrypt', { group, key: 'data', plaintext });
  const wrapped = await scene.carryOut('crypto.wrap', {
    group,
    key: 'wrapping',
    mechanism: 'aes-kwp',
    keyMaterial: plaintext,
  });
  for (const key of ['kek', 'wrapping'])
    assert.equal(await scene.codeOf('crypto.encrypt', { group, key, plaintext }), 'key-purpose-refused', key);
  for (const key of ['kek', 'data'])
    assert.equal(
      await scene.codeOf('crypto.unwrap', { group, key, wrapped: wrapped.wrapped }),
      'key-purpose-refused',
    );
  const asked = { group, key: 'kek', length: 16, reveal: true };
  assert.equal(await scene.codeOf('crypto.data-key', asked), 'key-purpose-refused');
  const crossed = { group, key: 'wrapping', wrapped: sealed.ciphertext };
  assert.equal(await scene.codeOf('crypto.unwrap', crossed), 'ciphertext-foreign');
});

test('software octets that were moved to another key are a tampered record', async () => {
  const own = await CryptoScene.set({
    one: { purpose: 'data', protection: 'software' },
    two: { purpose: 'data', protection: 'software' },
  });
  const { registry } = own.scene.deployment;
  const [one, two] = [await registry.read('key', `${group}/one`), await registry.read('key', `${group}/two`)];
  assert.ok(one && two);
  const [version] = one.value.versions;
  const [other] = two.value.versions;
  assert.ok(version && other && other.material.kind === 'software');
  const stolen = { ...one.value, versions: [{ ...version, material: other.material }] };
  await registry.commit(
    [{ kind: 'key', id: `${group}/one`, expectedVersion: one.version, value: stolen }],
    { actor: 'user:mallory', requestId: 'any', requestHash: '', reply: new Uint8Array(0) },
    [],
  );
  const asked = { group, key: 'one', plaintext: text('x') };
  assert.equal(await own.codeOf('crypto.encrypt', asked), 'record-tampered');
});

test('the payload of gcm is nonce, ciphertext and tag as node:crypto reads them', async () => {
  const { registry, hsm } = scene.scene.deployment;
  const record = await registry.read('key', `${group}/soft`);
  const material = record?.value.versions[0]?.material;
  assert.ok(record && material?.kind === 'software');
  const bound = Buffer.from(`{"keyId":"${record.value.id}","use":"software-key","version":1}`);
  const octets = await hsm.decrypt(
    { kind: 'token', label: material.wrappedBy },
    decodeBytes(material.sealed),
    bound,
  );
  const { ciphertext } = await scene.carryOut('crypto.encrypt', {
    group,
    key: 'soft',
    plaintext: text('a card number'),
    associatedData,
  });
  const payload = decodeBytes(ciphertext.split('.').at(-1) ?? '');
  const context = `{"associatedData":"${associatedData}","keyId":"${record.value.id}","tenant":"default","use":"data","version":1}`;
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(octets), payload.subarray(0, 12))
    .setAAD(Buffer.from(context))
    .setAuthTag(payload.subarray(-16));
  const plaintext = Buffer.concat([decipher.update(payload.subarray(12, -16)), decipher.final()]);
  assert.equal(plaintext.toString(), 'a card number');
});
