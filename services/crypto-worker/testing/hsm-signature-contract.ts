/** Part of the HSM contract: signatures of every algorithm, checked by node:crypto as the second implementation. */
import { equal, notDeepEqual, rejects } from 'node:assert/strict';
import { constants, createPublicKey, hash, type KeyObject, randomBytes, verify } from 'node:crypto';
import { before, describe, it } from 'node:test';
import type { HsmKeyType, HsmSignatureAlgorithm } from '../src/ports/hsm.ts';
import { can, type HsmSubject, lackedMechanism, newLabel } from './hsm-subject.ts';
import { refusedWith } from './refused-with.ts';

type Digest = 'sha256' | 'sha384' | 'sha512';

const rows: readonly [HsmSignatureAlgorithm, HsmKeyType, Digest | undefined][] = [
  ['ed25519', 'ed25519', undefined],
  ['ecdsa-sha256', 'ec-p256', 'sha256'],
  ['ecdsa-sha384', 'ec-p384', 'sha384'],
  ['rsa-pss-sha256', 'rsa-2048', 'sha256'],
  ['rsa-pss-sha384', 'rsa-2048', 'sha384'],
  ['rsa-pss-sha512', 'rsa-2048', 'sha512'],
  ['rsa-pkcs1-sha256', 'rsa-2048', 'sha256'],
  ['rsa-pkcs1-sha384', 'rsa-2048', 'sha384'],
  ['rsa-pkcs1-sha512', 'rsa-2048', 'sha512'],
];

const message = Buffer.from('statement');

export function describeHsmSignatures(subject: HsmSubject): void {
  describe('signs', () => {
    const labels = new Map<HsmKeyType, string>();
    before(async () => {
      for (const [, type] of rows) {
        if (labels.has(type) || !(await can(subject(), 'keyTypes', type))) continue;
        labels.set(type, newLabel());
        await subject().createKey(labels.get(type) as string, { type, use: 'sign' });
      }
    });

    for (const [algorithm, type, digest] of rows) {
      it(`with ${algorithm}, messages and digests alike`, async () => {
        const hsm = subject();
        const label = labels.get(type);
        if (!(await can(hsm, 'mechanisms', algorithm))) {
          await rejects(hsm.sign(label ?? newLabel(), message, algorithm), lackedMechanism);
          return;
        }
        if (label === undefined) throw new Error(`signs ${algorithm} without a key of ${type}`);
        const key = publicKeyOf(await hsm.publicKey(label));
        const signature = await hsm.sign(label, message, algorithm);
        equal(checks(algorithm, digest, key, message, signature), true);
        equal(await hsm.verify(label, message, signature, algorithm), true);
        if (digest === undefined) {
          await rejects(hsm.sign(label, message, algorithm, 'digest'), refusedWith('request-invalid'));
        } else {
          const hashed = hash(digest, message, 'buffer');
          const ofDigest = await hsm.sign(label, hashed, algorithm, 'digest');
          equal(checks(algorithm, digest, key, message, ofDigest), true);
          equal(await hsm.verify(label, message, ofDigest, algorithm), true);
          equal(await hsm.verify(label, hashed, signature, algorithm, 'digest'), true);
          await rejects(
            hsm.sign(label, hashed.subarray(1), algorithm, 'digest'),
            refusedWith('request-invalid'),
          );
        }
        await rejects(hsm.sign(label, new Uint8Array(0), algorithm), refusedWith('request-invalid'));
        await rejects(
          hsm.sign(label, new Uint8Array((1 << 20) + 1), algorithm),
          refusedWith('message-too-large'),
        );
      });

      it(`and takes no other signature of ${algorithm} for its own`, async () => {
        const hsm = subject();
        const label = labels.get(type);
        if (label === undefined || !(await can(hsm, 'mechanisms', algorithm))) return;
        const signature = await hsm.sign(label, message, algorithm);
        const flipped = Uint8Array.from(signature);
        flipped[5] = (flipped[5] as number) ^ 1;
        equal(await hsm.verify(label, message, flipped, algorithm), false);
        equal(await hsm.verify(label, Buffer.from('statemend'), signature, algorithm), false);
        for (const length of [0, 1, signature.length - 1, signature.length + 1, 600]) {
          equal(await hsm.verify(label, message, randomBytes(length), algorithm), false, `${length}`);
        }
        equal(await hsm.verify(label, message, new Uint8Array(signature.length), algorithm), false);
        equal(await hsm.verify(label, message, signature, algorithm), true);
      });
    }

    it('each ECDSA and PSS signature with fresh randomness', async () => {
      for (const [algorithm, type] of rows.filter(([name]) => /ecdsa|pss/.test(name))) {
        const label = labels.get(type);
        if (label === undefined || !(await can(subject(), 'mechanisms', algorithm))) continue;
        const sign = () => subject().sign(label, message, algorithm);
        notDeepEqual(Buffer.from(await sign()), Buffer.from(await sign()));
      }
    });

    it('with keys that exist only', async () => {
      await rejects(subject().sign(newLabel(), message, 'ecdsa-sha256'), refusedWith('absent'));
      await rejects(subject().sign(newLabel(), message, 'rsa-pss-sha256'), refusedWith('absent'));
      await rejects(subject().verify(newLabel(), message, randomBytes(64)), refusedWith('absent'));
    });
  });
}

const publicKeyOf = (spki: Uint8Array) =>
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });

function checks(
  algorithm: HsmSignatureAlgorithm,
  digest: Digest | undefined,
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (digest === undefined) return verify(null, data, key, signature);
  if (algorithm.startsWith('ecdsa'))
    return verify(digest, data, { key, dsaEncoding: 'ieee-p1363' }, signature);
  if (algorithm.startsWith('rsa-pkcs1')) return verify(digest, data, key, signature);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return verify(digest, data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature);
}
