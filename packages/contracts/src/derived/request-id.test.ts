import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isRequestId, newRequestId } from './request-id.ts';

test('request ids are UUIDs of version 7 that sort by time and differ within a millisecond', () => {
  const ids = [1, 1_000, 2 ** 40, 1_700_000_000_000].map((at) => newRequestId(at));
  assert.ok(ids.every(isRequestId));
  assert.deepEqual(ids.toSorted(), ids);
  assert.notEqual(newRequestId(1), newRequestId(1));
});

test('the first 48 bits are the time', () => {
  assert.match(newRequestId(0x01_9e_c7_1e_00_ff), /^019ec71e-00ff-7/);
});

test('other versions, variants, cases and forms are refused', () => {
  for (const text of [
    '00000000-0000-4000-8000-000000000000',
    '00000000-0000-7000-c000-000000000000',
    '019EC71E-00FF-7000-8000-000000000000',
    '019ec71e00ff70008000000000000000',
    ' 019ec71e-00ff-7000-8000-000000000000',
    '019ec71e-00ff-7000-8000-000000000000\n',
    '',
  ]) {
    assert.ok(!isRequestId(text), text);
  }
  fc.assert(fc.property(fc.string(), (text) => !isRequestId(text)));
});
