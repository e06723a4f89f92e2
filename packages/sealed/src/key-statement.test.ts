import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import type { ImportKeyStatement, KeyAttestationStatement } from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import { ed25519RawPublicKey } from './ed25519.ts';
import { type ShownStatement, verifyAttestation, verifyImportKey } from './key-statement.ts';
import { identityFingerprint, signStatement } from './statement.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const identity = encodeBytes(ed25519RawPublicKey(privateKey));
const fingerprint = identityFingerprint(ed25519RawPublicKey(privateKey));
const byIdentity = (digest: Uint8Array) => sign(null, digest, privateKey);

const attestation: KeyAttestationStatement = {
  type: 'strongroom.key-attestation/1',
  ...{ tenant: 'default', group: 'default', name: 'kek', keyId: 'id', version: 1 },
  ...{ keyType: 'aes-256', purpose: 'kek', protection: 'hsm', exportable: false },
  ...{ origin: 'generated', state: 'active', held: 'token' },
  attributes: {
    ...{ sensitive: true, extractable: false, alwaysSensitive: true, neverExtractable: true, local: true },
    usages: ['decrypt', 'encrypt'],
  },
  token: { label: 'l', model: 'm', serial: 's' },
  notBefore: '2030-01-01T00:00:00.000Z',
};
const importKey: ImportKeyStatement = {
  ...{ type: 'strongroom.import-key/1', tenant: 'default', pool: 'default', publicKey: 'AAAA' },
  ...{ scheme: 'rsa-aes-kwp', oaepHash: 'sha256', notBefore: '2030-01-01T00:00:00.000Z' },
};
const shownAs = (statement: KeyAttestationStatement | ImportKeyStatement): ShownStatement => ({
  identity,
  signed: signStatement(statement, byIdentity),
});

function refused(verify: () => unknown, why: string): void {
  assert.throws(verify, (fault) => isStrongroomError(fault) && fault.code === 'identity-mismatch', why);
}

test('what the pinned identity signed is believed', () => {
  assert.deepEqual(verifyAttestation(fingerprint, shownAs(attestation)), attestation);
  assert.deepEqual(verifyImportKey(fingerprint, shownAs(importKey)), importKey);
});

test('one statement is not taken for another', () => {
  refused(() => verifyAttestation(fingerprint, shownAs(importKey)), 'import key');
  refused(() => verifyImportKey(fingerprint, shownAs(attestation)), 'attestation');
});

test('a changed statement, another signer, another identity and what is no statement are refused', () => {
  const good = shownAs(attestation);
  const other = generateKeyPairSync('ed25519').privateKey;
  const forged = signStatement(attestation, (digest) => sign(null, digest, other));
  const changed = { ...good.signed, statement: { ...attestation, exportable: true } };
  refused(() => verifyAttestation(fingerprint, { ...good, signed: changed }), 'changed');
  refused(() => verifyAttestation(fingerprint, { ...good, signed: forged }), 'forged');
  const stranger = encodeBytes(ed25519RawPublicKey(other));
  refused(() => verifyAttestation(fingerprint, { identity: stranger, signed: forged }), 'stranger');
  for (const signed of [undefined, {}, { ...good.signed, more: 1 }])
    refused(() => verifyAttestation(fingerprint, { identity, signed } as never), 'no statement');
  for (const no of [undefined, 7, '!', 'AA'])
    refused(
      () => verifyAttestation(fingerprint, { identity: no, signed: good.signed } as never),
      'no identity',
    );
});
