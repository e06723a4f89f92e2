import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StrongroomError } from '@strongroom/errors';
import fc from 'fast-check';
import { isUnavailable, withDatabase } from './unavailable.ts';

const fault = (code: string) => Object.assign(new Error('x'), { code });

test('SQLSTATE and system codes fall on one side', () => {
  const unavailable = [
    '08006',
    '53100',
    '53300',
    '57P01',
    '57P03',
    '57014',
    '58030',
    '55P03',
    '25006',
    '25P03',
    'ECONNREFUSED',
    'EPIPE',
  ];
  for (const code of unavailable) assert.ok(isUnavailable(fault(code)), code);
  const ours = ['23505', '42601', '42501', '40001', '22P02', '28P01', '57000', '5701', 'EACCES', 'x08006'];
  for (const code of ours) assert.ok(!isUnavailable(fault(code)), code);
});

test('a group of faults is unavailable when one of them is', () => {
  assert.ok(isUnavailable(new AggregateError([fault('x'), fault('ECONNREFUSED')])));
  assert.ok(!isUnavailable(new AggregateError([fault('x')])));
});

test('nothing but an error with a known code or text is unavailable, and nothing crashes the classifier', () => {
  fc.assert(fc.property(fc.anything(), (value) => !isUnavailable(value)));
  assert.ok(!isUnavailable(new Error('a value with Connection terminated in it')));
});

test('an error of ours passes as it is, and so does the result', async () => {
  const ours = new StrongroomError('absent');
  await assert.rejects(
    withDatabase(() => Promise.reject(ours)),
    ours,
  );
  assert.equal(await withDatabase(async () => 7), 7);
  await assert.rejects(
    withDatabase(() => Promise.reject(fault('57P01'))),
    {
      code: 'database-unavailable',
      retryAfterMs: 1_000,
    },
  );
});
