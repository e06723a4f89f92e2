import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertVersionAccepted } from './open-database.ts';

test('a server below PostgreSQL 15 is refused, and so is one that does not tell', () => {
  for (const version of [150_000, 150_004, 180_001]) assertVersionAccepted(version);
  for (const version of [90_624, 140_999, Number.NaN]) {
    assert.throws(() => assertVersionAccepted(version), {
      code: 'configuration-invalid',
      detail: /PostgreSQL 15 or later/,
    });
  }
});
