import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KeyPurpose, keyFits } from '@strongroom/contracts';
import fc from 'fast-check';
import {
  describeKey,
  type KeyNature,
  natureRefusal,
  newKey,
  nextVersion,
  rotated,
  rotationRefusal,
  versionFor,
} from './key.ts';
import { kmsKeyId, versionOfKmsKeyId } from './kms-ciphertext.ts';
import type { KeyRecord } from './record.ts';

const made = (version: number) =>
  ({ material: { kind: 'token', label: `label ${version}` }, origin: 'generated' }) as const;
const at = (version: number) => `2030-01-0${version}T00:00:00.000Z`;
const aes: Omit<KeyNature, 'purpose'> = { type: 'aes-256', protection: 'hsm', exportable: false };

function keyOf(purpose: KeyPurpose, versions = 1): KeyRecord {
  let key = newKey({ id: 'id', group: 'g', name: 'n', purpose, ...aes, createdAt: at(1), made: made(1) });
  for (let version = 2; version <= versions; version += 1) key = rotated(key, made(version), at(version));
  return key;
}

test('after a rotation a data key protects with the newest version and processes with all', () => {
  const key = keyOf('data', 3);
  assert.equal(versionFor(key, 'data', 'encrypt').status, 'usable');
  for (const version of [1, 2]) {
    assert.deepEqual(versionFor(key, 'data', 'encrypt', version), {
      status: 'refused',
      code: 'key-deactivated',
    });
    assert.equal(versionFor(key, 'data', 'decrypt', version).status, 'usable');
  }
});

test('every version of a KEK goes on wrapping, because API servers ask for the one that they know', () => {
  const key = keyOf('kek', 3);
  for (const version of [1, 2, 3]) assert.equal(versionFor(key, 'kek', 'wrap', version).status, 'usable');
});

test('purpose comes before the state of the key, that before the version, its minimum and its state', () => {
  const refusals: string[] = [];
  const steps: ((key: KeyRecord) => KeyRecord)[] = [
    (key) => ({ ...key, purpose: 'data' }),
    (key) => ({ ...key, destroyAt: at(9) }),
    (key) => ({ ...key, state: 'suspended' }),
    (key) => ({ ...key, versions: key.versions.slice(1) }),
    (key) => ({ ...key, minimumVersion: 2 }),
    (key) => ({ ...key, versions: key.versions.map((each) => ({ ...each, destroyAt: at(9) })) }),
    (key) => ({ ...key, versions: key.versions.map((each) => ({ ...each, state: 'compromised' as const })) }),
  ];
  for (const from of steps.keys()) {
    const key = steps.slice(from).reduceRight((value, step) => step(value), keyOf('kek', 2));
    const answer = versionFor(key, 'kek', 'wrap', 1);
    refusals.push(answer.status === 'refused' ? answer.code : answer.status);
  }
  assert.deepEqual(refusals, [
    'key-purpose-refused',
    'key-destruction-pending',
    'key-suspended',
    'absent',
    'key-version-withheld',
    'key-destruction-pending',
    'key-compromised',
  ]);
});

test('a key is rotated while it is active, has room and no end in sight', () => {
  const key = keyOf('kek', 5);
  assert.equal(rotationRefusal(key), undefined);
  assert.equal(nextVersion(key), 6);
  assert.equal(rotationRefusal({ ...key, state: 'suspended' }), 'key-suspended');
  assert.equal(rotationRefusal({ ...key, destroyAt: at(9) }), 'key-destruction-pending');
  const [first] = key.versions;
  assert.ok(first);
  const versions = Array.from({ length: 1_000 }, (_, index) => ({ ...first, version: index + 1 }));
  assert.equal(rotationRefusal({ ...key, versions }), 'key-versions-full');
});

test('a key with a period says when it is due, and each rotation starts the period anew', () => {
  const key = newKey({
    ...{ id: 'id', group: 'g', name: 'n', purpose: 'data', ...aes, rotationDays: 2 },
    createdAt: at(1),
    made: made(1),
  });
  assert.equal(key.rotateAt, at(3));
  assert.equal(rotated(key, made(2), at(4)).rotateAt, at(6));
});

test('what the table of types does not list is no key', () => {
  const nature: KeyNature = { purpose: 'kek', ...aes };
  assert.equal(natureRefusal(nature), undefined);
  for (const change of [
    { type: 'aes-128' },
    { type: 'rsa-2048' },
    { protection: 'software' },
    { exportable: true },
    { purpose: 'signing' },
    { purpose: 'data', protection: 'software', exportable: true },
    { purpose: 'signing', type: 'ed25519', protection: 'software' },
  ] as const)
    assert.equal(natureRefusal({ ...nature, ...change }), 'key-type-refused', JSON.stringify(change));
  for (const [type, fits] of Object.entries(keyFits))
    for (const purpose of Object.keys(fits))
      assert.equal(
        natureRefusal({ ...aes, type, purpose } as KeyNature),
        undefined,
        `${type} for ${purpose}`,
      );
});

test('a description tells neither material nor label', () => {
  const text = JSON.stringify(describeKey(keyOf('kek', 2)));
  assert.ok(!text.includes('label ') && !text.includes('material'));
});

test('an opaque id is another for another provider, key, version or activation', () => {
  const key = keyOf('kek', 2);
  const [one, two] = key.versions;
  assert.ok(one && two);
  const ids = [
    kmsKeyId('p', key, one),
    kmsKeyId('q', key, one),
    kmsKeyId('p', key, two),
    kmsKeyId('p', { ...key, id: 'other' }, { ...one }),
    kmsKeyId('p', key, { ...one, createdAt: at(9) }),
  ];
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(versionOfKmsKeyId(ids[0] as string, 'p', key), one);
  assert.equal(versionOfKmsKeyId(ids[1] as string, 'p', key), undefined);
});

test('an id stays what it is, however many providers ask', () => {
  const key = keyOf('kek');
  const [version] = key.versions;
  assert.ok(version);
  const first = kmsKeyId('p', key, version);
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 100 }), (providers) => {
      for (const provider of providers) kmsKeyId(provider, key, version);
      assert.equal(kmsKeyId('p', key, version), first);
    }),
  );
});
