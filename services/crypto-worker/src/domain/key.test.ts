import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyPurpose } from '@strongroom/contracts';
import fc from 'fast-check';
import { canRotate, changedState, describeKey, newKey, nextVersion, rotated, versionFor } from './key.ts';
import { kmsKeyId, versionOfKmsKeyId } from './kms-ciphertext.ts';
import type { KeyRecord } from './record.ts';

const material = (version: number) => ({ kind: 'token', label: `label ${version}` }) as const;
const at = (version: number) => `2030-01-0${version}T00:00:00.000Z`;

function made(purpose: KeyPurpose, versions = 1): KeyRecord {
  let key = newKey({
    id: 'id',
    group: 'g',
    name: 'n',
    purpose,
    policy: undefined,
    createdAt: at(1),
    material: material(1),
  });
  for (let version = 2; version <= versions; version += 1) key = rotated(key, material(version), at(version));
  return key;
}

test('after a rotation a data key protects with the newest version and processes with all', () => {
  const key = made('data', 3);
  assert.equal(versionFor(key, 'data', 'protect').status, 'usable');
  for (const version of [1, 2]) {
    assert.deepEqual(versionFor(key, 'data', 'protect', version), {
      status: 'refused',
      code: 'key-state-refused',
    });
    assert.equal(versionFor(key, 'data', 'process', version).status, 'usable');
  }
});

test('every version of a KEK goes on wrapping, because API servers ask for the one that they know', () => {
  const key = made('kek', 3);
  for (const version of [1, 2, 3]) assert.equal(versionFor(key, 'kek', 'protect', version).status, 'usable');
});

test('purpose comes before state, state before version', () => {
  const suspended = { ...made('kek'), state: 'suspended' as const };
  assert.deepEqual(versionFor(suspended, 'data', 'process', 9), {
    status: 'refused',
    code: 'key-purpose-refused',
  });
  assert.deepEqual(versionFor(suspended, 'kek', 'process', 9), {
    status: 'refused',
    code: 'key-state-refused',
  });
  assert.deepEqual(versionFor(made('kek'), 'kek', 'process', 9), { status: 'refused', code: 'absent' });
});

test('a key is suspended and resumed, and nothing else is made of that', () => {
  const key = made('kek');
  const suspended = changedState(key, 'active', 'suspended');
  assert.ok(suspended.status === 'changed');
  assert.deepEqual({ ...suspended.key, state: 'active' }, key);
  assert.equal(canRotate(suspended.key), false);
  assert.equal(changedState(suspended.key, 'active', 'suspended').status, 'refused');
  assert.equal(changedState(suspended.key, 'suspended', 'active').status, 'changed');
});

test('versions count up and are never used twice, up to a thousand', () => {
  const key = made('kek', 5);
  assert.deepEqual(
    key.versions.map(({ version }) => version),
    [1, 2, 3, 4, 5],
  );
  assert.equal(nextVersion(key), 6);
  const [first] = key.versions;
  assert.ok(first);
  const full = {
    ...key,
    versions: Array.from({ length: 1_000 }, (_, index) => ({ ...first, version: index + 1 })),
  };
  assert.equal(canRotate(full), false);
});

test('a description tells neither material nor label', () => {
  const text = JSON.stringify(describeKey(made('kek', 2)));
  assert.ok(!text.includes('label') && !text.includes('material'));
});

test('an opaque id is another for another provider, key, version or activation', () => {
  const key = made('kek', 2);
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
  const key = made('kek');
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
