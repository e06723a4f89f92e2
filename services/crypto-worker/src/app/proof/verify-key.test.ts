import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { isPublicKey, verifySignature } from '@strongroom/sealed';
import { KeyHolder } from '../../../testing/key-holder.ts';
import type { PrincipalRecord } from '../../domain/principal-record.ts';
import type { Registry } from '../../ports/registry.ts';
import { makeVerifyKey } from './verify-key.ts';

const signed = Buffer.alloc(32, 1);
const elliptic = new KeyHolder('app:elliptic', 'ecdsa-p256');
const edwards = new KeyHolder('app:edwards', 'ed25519');
const apiKey = {
  kind: 'api-key',
  keyId: 'a',
  secretMac: 'b',
  expiresAt: '2030-01-01T00:00:00.000Z',
} as const;
const credentials = new Map<string, PrincipalRecord['credential']>([
  [elliptic.principal, { kind: 'key', publicKey: elliptic.publicKey }],
  [edwards.principal, { kind: 'key', publicKey: edwards.publicKey }],
  ['app:other', apiKey],
]);

function setup() {
  const verified: Uint8Array[] = [];
  const read = async (_kind: string, id: string) => {
    const credential = credentials.get(id);
    const value = { state: 'enabled', credential, createdAt: '2026-01-01T00:00:00.000Z' };
    return credential && { kind: 'principal', id, version: 1, value };
  };
  const verify = makeVerifyKey({
    registry: { read } as unknown as Pick<Registry, 'read'>,
    verify: (publicKey, data, signature) => {
      verified.push(publicKey);
      return verifySignature(publicKey, data, signature);
    },
  });
  const claim = (principal: string, signature: Uint8Array) =>
    verify({ kind: 'key', principal, signature: encodeBytes(signature) }, signed);
  return { claim, verified };
}

test('a refusal costs one verification of each algorithm, whoever is named', async () => {
  for (const principal of ['app:elliptic', 'app:edwards', 'app:other', 'app:nobody']) {
    const { claim, verified } = setup();
    await assert.rejects(claim(principal, new Uint8Array(64).fill(1)), { code: 'proof-invalid' });
    assert.deepEqual(verified.map(({ length }) => length).toSorted(), [32, 33], principal);
    // A stand-in that is no key would be refused without a verification.
    assert.ok(verified.every(isPublicKey), principal);
  }
});

test('a good signature costs one', async () => {
  for (const holder of [elliptic, edwards]) {
    const { claim, verified } = setup();
    const caller = await claim(holder.principal, holder.sign(signed));
    assert.equal(caller.principal, holder.principal);
    assert.equal(verified.length, 1);
  }
});
