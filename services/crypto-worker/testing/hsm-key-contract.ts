/** Part of the HSM contract: keys of every type, what they may be used for and what the token says of them. */
import { deepEqual, equal, notDeepEqual, ok, rejects } from 'node:assert/strict';
import { createCipheriv, createHash, createHmac, createPublicKey, randomBytes } from 'node:crypto';
import { it } from 'node:test';
import type { HsmKeySpec, HsmKeyType } from '../src/ports/hsm.ts';
import { can, type HsmSubject, lackedMechanism, newLabel, tellsOrigin } from './hsm-subject.ts';
import { refusedWith } from './refused-with.ts';

const specs: readonly HsmKeySpec[] = [
  { type: 'aes-128', use: 'encrypt' },
  { type: 'aes-128', use: 'wrap' },
  { type: 'aes-256', use: 'encrypt' },
  { type: 'aes-256', use: 'wrap' },
  { type: 'rsa-2048', use: 'encrypt' },
  { type: 'rsa-2048', use: 'wrap' },
  { type: 'rsa-2048', use: 'sign' },
  { type: 'rsa-3072', use: 'sign' },
  { type: 'rsa-4096', use: 'sign' },
  { type: 'ec-p256', use: 'sign' },
  { type: 'ec-p384', use: 'sign' },
  { type: 'ed25519', use: 'sign' },
  { type: 'hmac-sha256', use: 'mac' },
  { type: 'hmac-sha384', use: 'mac' },
  { type: 'hmac-sha512', use: 'mac' },
];

const usagesOf = ({ type, use }: HsmKeySpec): readonly string[] => {
  if (use === 'sign') return ['sign'];
  if (use === 'mac') return ['sign', 'verify'];
  if (type.startsWith('rsa')) return use === 'wrap' ? ['decrypt', 'unwrap'] : ['decrypt'];
  return use === 'wrap' ? ['decrypt', 'encrypt', 'unwrap', 'wrap'] : ['decrypt', 'encrypt'];
};

const context = Buffer.from('context');

export function describeHsmKeyTypes(subject: HsmSubject): void {
  for (const spec of specs) {
    it(`makes a key of ${spec.type} for ${spec.use}, which stays, and says so`, async () => {
      const hsm = subject();
      const label = newLabel();
      if (!(await can(hsm, 'keyTypes', spec.type))) {
        await rejects(hsm.createKey(label, spec), lackedMechanism);
        equal(await hsm.hasKey(label), false);
        return;
      }
      const publicKey = await hsm.createKey(label, spec);
      deepEqual(await hsm.keyAttributes(label), {
        type: spec.type,
        sensitive: true,
        extractable: false,
        alwaysSensitive: true,
        neverExtractable: true,
        local: await tellsOrigin(hsm),
        usages: usagesOf(spec),
      });
      equal(publicKey === undefined, /^(aes|hmac)/.test(spec.type));
      if (publicKey === undefined) return;
      deepEqual(Buffer.from(await hsm.publicKey(label)), Buffer.from(publicKey));
      equal(kindOf(publicKey), spec.type);
    });
  }

  it('refuses a use that is not of the key type', async () => {
    const wrong: HsmKeySpec[] = [
      { type: 'aes-256', use: 'sign' },
      { type: 'aes-128', use: 'mac' },
      { type: 'rsa-2048', use: 'mac' },
      { type: 'ec-p256', use: 'encrypt' },
      { type: 'ed25519', use: 'wrap' },
      { type: 'hmac-sha256', use: 'sign' },
    ];
    for (const spec of wrong)
      await rejects(subject().createKey(newLabel(), spec), refusedWith('request-invalid'));
  });

  for (const [type, use, bytes] of [
    ['aes-128', 'encrypt', 16],
    ['aes-256', 'wrap', 32],
    ['hmac-sha256', 'mac', 32],
    ['hmac-sha512', 'mac', 64],
  ] as const)
    it(`tells the check value of ${type}, which is that of its octets`, async () => {
      const hsm = subject();
      const [label, wrappedBy] = [newLabel(), newLabel()];
      await hsm.createKey(wrappedBy, { type: 'aes-256', use: 'wrap' });
      const octets = randomBytes(bytes);
      const wrapped = await hsm.wrapBytes(wrappedBy, 'aes-kwp', octets);
      await hsm.importKey(label, { type, use }, { scheme: 'aes-kwp', wrappedBy, wrapped });
      const expected = checkValueOf(type, octets);
      const told = hsm.checkValue({ kind: 'token', label });
      if (use === 'mac' && (await isRefused(told)))
        return rejects(told, refusedWith('mechanism-unsupported'));
      deepEqual(Buffer.from(await told), expected);
      if (use !== 'encrypt') return;
      deepEqual(Buffer.from(await hsm.checkValue({ kind: 'data', wrappedBy, wrapped })), expected);
    });

  it('tells a check value of what it made, and none of a key pair', async () => {
    const hsm = subject();
    const [aes, other, mac, pair] = [newLabel(), newLabel(), newLabel(), newLabel()];
    await hsm.createKey(aes, { type: 'aes-256', use: 'encrypt' });
    await hsm.createKey(other, { type: 'aes-256', use: 'encrypt' });
    await hsm.createKey(mac, { type: 'hmac-sha384', use: 'mac' });
    await hsm.createKey(pair, { type: 'ed25519', use: 'sign' });
    const told = await hsm.checkValue({ kind: 'token', label: aes });
    equal(told.length, 3);
    deepEqual(await hsm.checkValue({ kind: 'token', label: aes }), told);
    notDeepEqual(await hsm.checkValue({ kind: 'token', label: other }), told);
    const ofMac = hsm.checkValue({ kind: 'token', label: mac });
    if (await isRefused(ofMac)) await rejects(ofMac, refusedWith('mechanism-unsupported'));
    else equal((await ofMac).length, 3);
    await rejects(hsm.checkValue({ kind: 'token', label: pair }), refusedWith('key-purpose-refused'));
    await rejects(hsm.checkValue({ kind: 'token', label: newLabel() }), refusedWith('absent'));
  });

  it('uses a key for what it was made for and for nothing else', async () => {
    const hsm = subject();
    const [aes, wrapping, mac, edwards] = [newLabel(), newLabel(), newLabel(), newLabel()];
    await hsm.createKey(aes, { type: 'aes-256', use: 'encrypt' });
    await hsm.createKey(wrapping, { type: 'aes-256', use: 'wrap' });
    await hsm.createKey(mac, { type: 'hmac-sha512', use: 'mac' });
    await hsm.createKey(edwards, { type: 'ed25519', use: 'sign' });
    const attempts: Record<string, () => Promise<unknown>> = {
      'a data key under an encryption key': () => hsm.makeDataKey(aes),
      'wrap under an encryption key': () => hsm.wrapBytes(aes, 'aes-kw', randomBytes(16)),
      'unwrap under an encryption key': () => hsm.unwrapBytes(aes, 'aes-kw', randomBytes(24)),
      'wrap under a MAC key': () => hsm.wrapBytes(mac, 'aes-kwp', randomBytes(16)),
      'export under an encryption key': () => hsm.exportKey(wrapping, aes),
      'MAC with an encryption key': () => hsm.mac(aes, context),
      'sign with a MAC key': () => hsm.sign(mac, context),
      'sign ECDSA with an Edwards key': () => hsm.sign(edwards, context, 'ecdsa-sha256'),
      'sign RSA with an Edwards key': () => hsm.sign(edwards, context, 'rsa-pss-sha256'),
      'verify with a MAC key': () => hsm.verify(mac, context, randomBytes(64)),
      'the public key of a secret key': () => hsm.publicKey(aes),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      await rejects(attempt(), refusedWith('key-purpose-refused'), name);
    }
    equal((await hsm.wrapBytes(wrapping, 'aes-kw', randomBytes(16))).length, 24);
  });

  for (const type of ['aes-128', 'aes-256'] as const) {
    it(`seals and opens with ${type}, on the token and as a data key`, async () => {
      const hsm = subject();
      const [label, wrappedBy] = [newLabel(), newLabel()];
      await hsm.createKey(label, { type, use: 'encrypt' });
      await hsm.createKey(wrappedBy, { type: 'aes-256', use: 'wrap' });
      const wrapped = await hsm.makeDataKey(wrappedBy, type);
      equal(wrapped.length, type === 'aes-128' ? 24 : 40);
      for (const key of [
        { kind: 'token', label },
        { kind: 'data', wrappedBy, wrapped },
      ] as const) {
        const sealed = await hsm.encrypt(key, Buffer.from('value'), context);
        deepEqual(Buffer.from(await hsm.decrypt(key, sealed, context)), Buffer.from('value'));
        await rejects(hsm.decrypt(key, sealed, Buffer.from('other')), refusedWith('ciphertext-invalid'));
      }
    });
  }

  for (const [type, length] of [
    ['hmac-sha256', 32],
    ['hmac-sha384', 48],
    ['hmac-sha512', 64],
  ] as const) {
    it(`computes ${type}`, async () => {
      const hsm = subject();
      const label = newLabel();
      await hsm.createKey(label, { type, use: 'mac' });
      const mac = await hsm.mac(label, context);
      equal(mac.length, length);
      deepEqual(Buffer.from(await hsm.mac(label, context)), Buffer.from(mac));
      notDeepEqual(Buffer.from(await hsm.mac(label, Buffer.from('other'))), Buffer.from(mac));
      ok(!Buffer.from(mac).equals(createHmac(type.slice(5), '').update(context).digest()));
    });
  }

  it('says what it can do, and what it lacks by the name of a mechanism', async () => {
    const { keyTypes, mechanisms, exportable, importable, lacking } = await subject().capabilities();
    for (const needed of ['aes-256', 'hmac-sha256', 'ed25519'])
      ok(keyTypes.includes(needed as HsmKeyType), needed);
    for (const needed of ['aes-gcm', 'aes-kwp', 'ed25519', 'hmac-sha256']) {
      ok((mechanisms as readonly string[]).includes(needed), needed);
    }
    for (const list of [exportable, importable]) ok(list.every((type) => keyTypes.includes(type)));
    ok(lacking.every(({ mechanism }) => /^CK[AMO]_/.test(mechanism)));
    deepEqual(await subject().listKeys('trial'), []);
  });
}

function kindOf(spki: Uint8Array): string {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') return `rsa-${modulusLength}`;
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  return namedCurve === 'prime256v1' ? 'ec-p256' : 'ec-p384';
}

const isRefused = (told: Promise<unknown>) =>
  told.then(
    () => false,
    () => true,
  );

/** PKCS#11 v2.40, CKA_CHECK_VALUE. */
function checkValueOf(type: HsmKeyType, octets: Uint8Array): Buffer {
  const bytes = type.startsWith('aes')
    ? createCipheriv(`aes-${octets.length * 8}-ecb`, octets, null).update(new Uint8Array(16))
    : createHash('sha1').update(octets).digest();
  return bytes.subarray(0, 3);
}
