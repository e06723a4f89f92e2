import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coded, routing, startMs } from '../test/parties.ts';
import { assertInLifetime } from './request-lifetime.ts';

const at = (notAfterMs: number) => ({ ...routing(), notAfter: new Date(notAfterMs).toISOString() });

test('a request is in force until its not-after time, which is at most 60 s ahead', () => {
  for (const aheadMs of [1, 3_000, 60_000]) assertInLifetime(at(startMs + aheadMs), startMs);
  for (const aheadMs of [-1, 0, 60_001, 86_400_000]) {
    assert.throws(() => assertInLifetime(at(startMs + aheadMs), startMs), coded('request-expired'));
  }
});

test('a date that does not exist is past', () => {
  const header = { ...routing(), notAfter: '2026-02-30T12:00:00.000Z' };
  const isRead = !Number.isNaN(Date.parse(header.notAfter));
  assert.throws(
    () => assertInLifetime(header, isRead ? Date.parse(header.notAfter) : startMs),
    coded('request-expired'),
  );
});
