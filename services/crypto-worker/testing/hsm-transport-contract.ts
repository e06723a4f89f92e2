/**
 * Part of the HSM contract: keys that come in and go out wrapped, and wrapping of a caller's own bytes. node:crypto is
 * the other side: it wraps what is imported and unwraps what is exported.
 */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { before, describe, it } from 'node:test';
import type { Hsm, HsmKeySpec, HsmKeyWrap, HsmOaepHash, HsmWrappedKey } from '../src/ports/hsm.ts';
import { can, type HsmSubject, lackedMechanism, newLabel, tellsOrigin, wrapsLong } from './hsm-subject.ts';
import { kwVectors } from './key-wrap-vectors.ts';
import { refusedWith } from './refused-with.ts';

const context = Buffer.from('context');
/** RFC 3394 section 2.2.3.1 and RFC 5649 section 3. */
const iv = { 'aes-kw': 'a6a6a6a6a6a6a6a6', 'aes-kwp': 'a65959a6' } as const;
const cipherName = { 'aes-kw': 'wrap', 'aes-kwp': 'wrap-pad' } as const;

function wrapHere(algorithm: HsmKeyWrap, kek: Uint8Array, octets: Uint8Array): Buffer {
  const name = `id-aes${kek.length * 8}-${cipherName[algorithm]}`;
  const cipher = createCipheriv(name, kek, Buffer.from(iv[algorithm], 'hex'));
  return Buffer.concat([cipher.update(octets), cipher.final()]);
}

function unwrapHere(algorithm: HsmKeyWrap, kek: Uint8Array, wrapped: Uint8Array): Buffer {
  const name = `id-aes${kek.length * 8}-${cipherName[algorithm]}`;
  const decipher = createDecipheriv(name, kek, Buffer.from(iv[algorithm], 'hex'));
  return Buffer.concat([decipher.update(wrapped), decipher.final()]);
}

function encryptHere(spki: Uint8Array, octets: Uint8Array, oaepHash: HsmOaepHash): Buffer {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, octets);
}

const pairs = {
  'rsa-2048': () => generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  'ec-p256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'ec-p384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ed25519: () => generateKeyPairSync('ed25519'),
} as const;
const algorithms = {
  'rsa-2048': 'rsa-pkcs1-sha256',
  'ec-p256': 'ecdsa-sha256',
  'ec-p384': 'ecdsa-sha384',
  ed25519: 'ed25519',
} as const;
const digests = { 'rsa-2048': 'sha256', 'ec-p256': 'sha256', 'ec-p384': 'sha384', ed25519: null } as const;
type PairType = keyof typeof pairs;
const pairTypes = Object.keys(pairs) as PairType[];
const spki = (key: KeyObject) => key.export({ format: 'der', type: 'spki' });
const pkcs8 = (key: KeyObject) => key.export({ format: 'der', type: 'pkcs8' });

export function describeHsmTransport(subject: HsmSubject): void {
  describe('moves keys', () => {
    /** A wrapping key of the token whose octets the test knows, because it brought them in itself. */
    const kek = randomBytes(32);
    const known = newLabel();
    /** Which hashes of OAEP the token has; every one has one. */
    let oaepHash: HsmOaepHash = 'sha256';
    const importing = newLabel();

    before(async () => {
      const hsm = subject();
      if (!(await can(hsm, 'mechanisms', 'rsa-aes-kwp-sha256'))) oaepHash = 'sha1';
      if (!(await can(hsm, 'mechanisms', `rsa-aes-kwp-${oaepHash}`))) return;
      const publicKey = await hsm.createKey(importing, { type: 'rsa-2048', use: 'wrap' });
      const transport = randomBytes(32);
      const wrapped = Buffer.concat([
        encryptHere(publicKey ?? context, transport, oaepHash),
        wrapHere('aes-kwp', transport, kek),
      ]);
      await hsm.importKey(known, { type: 'aes-256', use: 'wrap' }, under({ wrapped }));
    });

    const under = ({ wrapped }: { wrapped: Uint8Array }): HsmWrappedKey => ({
      scheme: 'rsa-aes-kwp',
      wrappedBy: importing,
      oaepHash,
      wrapped,
    });
    const underKek = (octets: Uint8Array, publicKey?: Uint8Array): HsmWrappedKey => ({
      scheme: 'aes-kwp',
      wrappedBy: known,
      wrapped: wrapHere('aes-kwp', kek, octets),
      ...(publicKey === undefined ? {} : { publicKey }),
    });

    it('in under RSA-OAEP and AES-KWP, as keys that are sensitive, never extractable and not local', async () => {
      const attributes = await subject().keyAttributes(known);
      const { sensitive, extractable, local, type } = attributes;
      deepEqual(
        { sensitive, extractable, local, type },
        { sensitive: true, extractable: false, local: false, type: 'aes-256' },
      );
      const wrapped = await subject().wrapBytes(known, 'aes-kw', randomBytes(32));
      equal(unwrapHere('aes-kw', kek, wrapped).length, 32);
    });

    it('with the hash of OAEP that was asked for, or names the mechanism', async () => {
      const hsm = subject();
      for (const hash of ['sha256', 'sha1'] as const) {
        const transport = randomBytes(32);
        const spkiBytes = await hsm.publicKey(importing);
        const wrapped = Buffer.concat([
          encryptHere(spkiBytes, transport, hash),
          wrapHere('aes-kwp', transport, randomBytes(16)),
        ]);
        const label = newLabel();
        const material = { scheme: 'rsa-aes-kwp', wrappedBy: importing, oaepHash: hash, wrapped } as const;
        const importIt = () => hsm.importKey(label, { type: 'aes-128', use: 'encrypt' }, material);
        if (await can(hsm, 'mechanisms', `rsa-aes-kwp-${hash}`)) await importIt();
        else await rejects(importIt(), lackedMechanism);
        const decrypt = () => hsm.decryptOaep(importing, encryptHere(spkiBytes, context, hash), hash);
        if (await can(hsm, 'mechanisms', `rsa-oaep-${hash}`))
          deepEqual(Buffer.from(await decrypt()), context);
        else await rejects(decrypt(), lackedMechanism);
      }
      const forged = randomBytes(256);
      forged[0] = 0;
      await rejects(hsm.decryptOaep(importing, forged, oaepHash), refusedWith('ciphertext-invalid'));
      forged.fill(0xff);
      await rejects(hsm.decryptOaep(importing, forged, oaepHash), refusedWith('ciphertext-invalid'));
      await rejects(
        hsm.decryptOaep(importing, randomBytes(255), oaepHash),
        refusedWith('ciphertext-invalid'),
      );
      await rejects(hsm.decryptOaep(known, forged, oaepHash), refusedWith('key-purpose-refused'));
      await rejects(hsm.decryptOaep(newLabel(), forged, oaepHash), refusedWith('absent'));
    });

    it('in as secret keys that compute what the octets compute elsewhere', async () => {
      const hsm = subject();
      for (const [type, length] of [
        ['hmac-sha256', 32],
        ['hmac-sha384', 48],
        ['hmac-sha512', 64],
      ] as const) {
        const [label, secret] = [newLabel(), randomBytes(length)];
        equal(await hsm.importKey(label, { type, use: 'mac' }, underKek(secret)), undefined);
        const expected = createHmac(type.slice(5), secret).update(context).digest();
        deepEqual(Buffer.from(await hsm.mac(label, context)), expected);
      }
      for (const [type, length] of [
        ['aes-128', 16],
        ['aes-256', 32],
      ] as const) {
        const [label, secret] = [newLabel(), randomBytes(length)];
        await hsm.importKey(label, { type, use: 'encrypt' }, underKek(secret));
        const sealed = await hsm.encrypt({ kind: 'token', label }, Buffer.from('value'), context);
        const decipher = createDecipheriv(
          `aes-${length * 8}-gcm` as 'aes-256-gcm',
          secret,
          sealed.subarray(0, 12),
        )
          .setAAD(context)
          .setAuthTag(sealed.subarray(-16));
        equal(
          Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString(),
          'value',
        );
      }
    });

    for (const type of pairTypes) {
      it(`in as a pair of ${type}, with its public key and no other`, async () => {
        const hsm = subject();
        const { privateKey, publicKey } = pairs[type]();
        const label = newLabel();
        const spec = { type, use: 'sign' } as const;
        const importIt = (name: string, key: KeyObject) =>
          hsm.importKey(name, spec, underKek(pkcs8(privateKey), spki(key)));
        if (!(await can(hsm, 'importable', type))) {
          await rejects(importIt(label, publicKey), lackedMechanism);
          return;
        }
        deepEqual(Buffer.from((await importIt(label, publicKey)) ?? context), spki(publicKey));
        deepEqual(Buffer.from(await hsm.publicKey(label)), spki(publicKey));
        const signature = await hsm.sign(label, context, algorithms[type]);
        ok(verify(digests[type], context, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature));
        const theirs = sign(digests[type], context, { key: privateKey, dsaEncoding: 'ieee-p1363' });
        equal(await hsm.verify(label, context, theirs, algorithms[type]), true);
        const { sensitive, extractable, local } = await hsm.keyAttributes(label);
        deepEqual({ sensitive, extractable, local }, { sensitive: true, extractable: false, local: false });
        const another = newLabel();
        await rejects(importIt(another, pairs[type]().publicKey), refusedWith('request-invalid'));
        await rejects(importIt(another, pairs[otherType(type)]().publicKey), refusedWith('request-invalid'));
        await rejects(
          hsm.importKey(another, spec, underKek(pkcs8(privateKey))),
          refusedWith('request-invalid'),
        );
        await rejects(
          hsm.importKey(another, spec, underKek(randomBytes(120), spki(publicKey))),
          refusedWith('ciphertext-invalid'),
        );
        equal(await hsm.hasKey(another), false);
        await rejects(importIt(label, publicKey), refusedWith('already-exists'));
      });
    }

    it('in only whole, of the type that was said, and under the key that was said', async () => {
      const hsm = subject();
      const label = newLabel();
      const spec = { type: 'aes-256', use: 'encrypt' } as const;
      const good = underKek(randomBytes(32));
      const refusals: [HsmKeySpec, HsmWrappedKey, Parameters<typeof refusedWith>[0]][] = [
        [spec, { ...good, wrapped: randomBytes(40) }, 'ciphertext-invalid'],
        [spec, { ...good, wrapped: good.wrapped.subarray(8) }, 'ciphertext-invalid'],
        [spec, { ...good, wrapped: new Uint8Array(0) }, 'ciphertext-invalid'],
        [spec, underKek(randomBytes(16)), 'ciphertext-invalid'],
        [spec, underKek(randomBytes(24)), 'ciphertext-invalid'],
        [spec, underKek(randomBytes(31)), 'ciphertext-invalid'],
        [spec, underKek(randomBytes(33)), 'ciphertext-invalid'],
        [{ type: 'hmac-sha512', use: 'mac' }, good, 'ciphertext-invalid'],
        [spec, { ...good, publicKey: spki(pairs.ed25519().publicKey) }, 'request-invalid'],
        [{ type: 'aes-256', use: 'mac' }, good, 'request-invalid'],
        [spec, { ...good, wrappedBy: newLabel() }, 'absent'],
        [spec, { ...good, wrappedBy: importing }, 'key-purpose-refused'],
        [spec, under({ wrapped: randomBytes(296) }), 'ciphertext-invalid'],
        [spec, under({ wrapped: randomBytes(40) }), 'ciphertext-invalid'],
        // Larger than any modulus.
        [spec, under({ wrapped: Buffer.alloc(296, 0xff) }), 'ciphertext-invalid'],
      ];
      for (const [index, [as, wrapped, code]] of refusals.entries()) {
        await rejects(hsm.importKey(label, as, wrapped), refusedWith(code), `${index}`);
        equal(await hsm.hasKey(label), false, `${index}`);
      }
      await hsm.importKey(label, spec, good);
      equal((await hsm.keyAttributes(label)).usages.includes('wrap'), false);
    });

    it('out when they are exportable, and never otherwise', async () => {
      const hsm = subject();
      const [staying, going] = [newLabel(), newLabel()];
      await hsm.createKey(staying, { type: 'hmac-sha256', use: 'mac' });
      await hsm.createKey(going, { type: 'hmac-sha256', use: 'mac', exportable: true });
      await rejects(hsm.exportKey(staying, known), refusedWith('key-purpose-refused'));
      await rejects(hsm.exportKey(known, known), refusedWith('key-purpose-refused'));
      await rejects(hsm.exportKey(newLabel(), known), refusedWith('absent'));
      await rejects(hsm.exportKey(going, newLabel()), refusedWith('absent'));
      await rejects(hsm.exportKey(going, importing), refusedWith('key-purpose-refused'));
      const secret = unwrapHere('aes-kwp', kek, await hsm.exportKey(going, known));
      deepEqual(
        Buffer.from(await hsm.mac(going, context)),
        createHmac('sha256', secret).update(context).digest(),
      );
      const { extractable, neverExtractable, alwaysSensitive, local } = await hsm.keyAttributes(going);
      deepEqual(
        { extractable, neverExtractable, alwaysSensitive, local },
        {
          extractable: true,
          neverExtractable: false,
          alwaysSensitive: true,
          local: await tellsOrigin(hsm),
        },
      );
    });

    for (const type of pairTypes) {
      it(`out of a pair of ${type}`, async () => {
        const hsm = subject();
        const label = newLabel();
        const create = () => hsm.createKey(label, { type, use: 'sign', exportable: true });
        if (!(await can(hsm, 'exportable', type))) {
          await rejects(create(), lackedMechanism);
          equal(await hsm.hasKey(label), false);
          return;
        }
        const publicKey = await create();
        const octets = unwrapHere('aes-kwp', kek, await hsm.exportKey(label, known));
        const key = createPrivateKey({ key: withoutFilling(octets), format: 'der', type: 'pkcs8' });
        deepEqual(spki(createPublicKey(key)), Buffer.from(publicKey ?? []));
      });
    }

    it('of a caller: AES-KW and AES-KWP as everybody computes them, there and back', async () => {
      const hsm = subject();
      for (const { algorithm, kek: vectorKek, plain, wrapped } of kwVectors) {
        const label = newLabel();
        if (vectorKek.length === 24) continue;
        const type = vectorKek.length === 16 ? 'aes-128' : 'aes-256';
        await hsm.importKey(label, { type, use: 'wrap' }, underKek(vectorKek));
        deepEqual(Buffer.from(await hsm.unwrapBytes(label, algorithm, wrapped)), plain);
        deepEqual(Buffer.from(await hsm.wrapBytes(label, algorithm, plain)), wrapped);
      }
      for (const [algorithm, length] of [
        ['aes-kw', 16],
        ['aes-kw', 24],
        ['aes-kw', 4_096],
        ['aes-kwp', 8],
        ['aes-kwp', 32],
        ['aes-kwp', 4_096],
      ] as const) {
        const octets = randomBytes(length);
        if (length === 4_096 && !(await wrapsLong(hsm))) {
          await rejects(hsm.wrapBytes(known, algorithm, octets), lackedMechanism);
          await rejects(hsm.unwrapBytes(known, algorithm, wrapHere(algorithm, kek, octets)), lackedMechanism);
          continue;
        }
        const wrapped = await hsm.wrapBytes(known, algorithm, octets);
        deepEqual(Buffer.from(wrapped), wrapHere(algorithm, kek, octets));
        deepEqual(Buffer.from(await hsm.unwrapBytes(known, algorithm, wrapped)), octets);
      }
      await refusesForged(hsm);
    });

    async function refusesForged(hsm: Hsm): Promise<void> {
      for (const algorithm of ['aes-kw', 'aes-kwp'] as const) {
        const wrapped = Buffer.from(await hsm.wrapBytes(known, algorithm, randomBytes(32)));
        for (const index of [0, 7, 8, 39]) {
          const flipped = Buffer.from(wrapped);
          flipped[index] = (flipped[index] as number) ^ 1;
          await rejects(hsm.unwrapBytes(known, algorithm, flipped), refusedWith('ciphertext-invalid'));
        }
        for (const length of [0, 8, 15, 39, 41, 4_120]) {
          await rejects(
            hsm.unwrapBytes(known, algorithm, randomBytes(length)),
            refusedWith('ciphertext-invalid'),
          );
        }
        await rejects(hsm.wrapBytes(known, algorithm, new Uint8Array(0)), refusedWith('request-invalid'));
        await rejects(
          hsm.wrapBytes(known, algorithm, new Uint8Array(4_104)),
          refusedWith('message-too-large'),
        );
      }
      await rejects(hsm.wrapBytes(known, 'aes-kw', new Uint8Array(8)), refusedWith('request-invalid'));
      await rejects(hsm.wrapBytes(known, 'aes-kw', new Uint8Array(17)), refusedWith('request-invalid'));
      equal((await hsm.wrapBytes(known, 'aes-kw', new Uint8Array(16))).length, 24);
    }

    it('of a length that is no multiple of eight as RFC 5649 has it, or not at all', async () => {
      const hsm = subject();
      const { lacking } = await hsm.capabilities();
      for (const length of [1, 5, 7, 9, 20, 31, 1_217]) {
        const octets = randomBytes(length);
        const wrapped = wrapHere('aes-kwp', kek, octets);
        if (length > 64 && !(await wrapsLong(hsm))) continue;
        deepEqual(Buffer.from(await hsm.unwrapBytes(known, 'aes-kwp', wrapped)), octets);
        const wrapIt = () => hsm.wrapBytes(known, 'aes-kwp', octets);
        if (lacking.some(({ name }) => name === 'aes-kwp-unaligned'))
          await rejects(wrapIt(), lackedMechanism);
        else deepEqual(Buffer.from(await wrapIt()), wrapped);
      }
    });
  });
}

const otherType = (type: PairType): PairType => (type === 'ec-p256' ? 'ec-p384' : 'ec-p256');

/** The DER itself: a token may have filled it up to a multiple of eight octets. */
function withoutFilling(octets: Buffer): Buffer {
  const lengthOctets = (octets[1] as number) & 0x7f;
  const isLong = (octets[1] as number) > 0x7f;
  const length = isLong ? octets.readUIntBE(2, lengthOctets) + lengthOctets + 2 : lengthOctets + 2;
  const rest = octets.subarray(length);
  ok(rest.length < 8 && rest.every((octet) => octet === 0), 'more than filling after the key');
  return octets.subarray(0, length);
}
