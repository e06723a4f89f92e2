import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertServerAccepted, isServerAccepted } from './server-version.ts';

test('only versions with the fixes of the advisories are accepted', () => {
  for (const version of [
    '2.12.12',
    '2.12.40',
    '2.14.3',
    '2.14.10',
    '2.15.0',
    '3.0.0',
    '2.14.4-RC.1',
    '2.15.2+deb1',
  ]) {
    assert.ok(isServerAccepted(version), version);
  }
  const refused = [
    '2.9.10',
    '2.11.16',
    '2.12.11',
    '2.13.9',
    '2.14.2',
    '2.14.3-RC.1',
    '1.99.99',
    '',
    'v2.15.0',
    '2.15',
    '2.15.0.1',
  ];
  for (const version of refused) assert.ok(!isServerAccepted(version), version);
});

test('a server below the floor is refused with its version and the floor', () => {
  assert.throws(() => assertServerAccepted('2.9.10'), {
    code: 'configuration-invalid',
    detail: /2\.9\.10 is refused; it must be at least 2\.14\.3, or 2\.12\.12/,
  });
  assert.throws(() => assertServerAccepted(undefined), { code: 'configuration-invalid' });
});
