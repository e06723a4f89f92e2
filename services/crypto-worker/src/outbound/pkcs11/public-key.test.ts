import { deepEqual, equal, throws } from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { refusedWith } from '../../../testing/refused-with.ts';
import { cka } from './constants.ts';
import { kindOf } from './key-kind.ts';
import { pointOf, publicKeyValues } from './public-key.ts';

describe('CKA_EC_POINT', () => {
  const point = randomBytes(32);

  it('of an Ed25519 key is taken raw, as an OCTET STRING and as a BIT STRING', () => {
    for (const prefix of ['', '0420', '032100']) {
      const encoded = Buffer.concat([Buffer.from(prefix, 'hex'), point]);
      deepEqual(Buffer.from(pointOf({ pointBytes: 32 }, encoded)), point);
    }
  });

  it('of a NIST curve is taken raw and as an OCTET STRING', () => {
    for (const [pointBytes, prefix] of [
      [65, '0441'],
      [97, '0461'],
    ] as const) {
      const longer = randomBytes(pointBytes);
      deepEqual(Buffer.from(pointOf({ pointBytes }, longer)), longer);
      const encoded = Buffer.concat([Buffer.from(prefix, 'hex'), longer]);
      deepEqual(Buffer.from(pointOf({ pointBytes }, encoded)), longer);
    }
  });

  it('is refused in any other form', () => {
    for (const prefix of ['0421', '032101', '04', '042004']) {
      const encoded = Buffer.concat([Buffer.from(prefix, 'hex'), point]);
      throws(() => pointOf({ pointBytes: 32 }, encoded), refusedWith('hsm-inconsistent'));
    }
    throws(() => pointOf({ pointBytes: 32 }, new Uint8Array(0)), refusedWith('hsm-inconsistent'));
  });
});

describe('a public key that comes with a private one', () => {
  const spki = { format: 'der', type: 'spki' } as const;
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export(spki);

  it('becomes the attributes of its kind', () => {
    const values = publicKeyValues(kindOf('ec-p256'), p256);
    deepEqual(
      values.map(({ type }) => type),
      [cka.ecParams, cka.ecPoint],
    );
    equal(Buffer.from((values[1]?.value ?? '') as Buffer).toString('hex', 0, 3), '044104');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export(spki);
    const [modulus] = publicKeyValues(kindOf('rsa-2048'), rsa);
    equal(Buffer.from((modulus?.value ?? '') as Buffer).length, 256);
    throws(() => publicKeyValues(kindOf('rsa-3072'), rsa), refusedWith('request-invalid'));
  });

  it('is refused when it is of another kind, not on its curve, or no key', () => {
    const offCurve = Buffer.from(p256);
    offCurve[offCurve.length - 1] = (offCurve.at(-1) as number) ^ 1;
    for (const wrong of [
      offCurve,
      p256.subarray(1),
      Buffer.concat([p256, Buffer.alloc(1)]),
      randomBytes(91),
    ]) {
      throws(() => publicKeyValues(kindOf('ec-p256'), wrong), refusedWith('request-invalid'));
    }
    for (const type of ['ec-p384', 'ed25519', 'rsa-2048'] as const) {
      throws(() => publicKeyValues(kindOf(type), p256), refusedWith('request-invalid'));
    }
  });
});
