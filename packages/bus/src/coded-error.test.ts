import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, errorCatalogue, StrongroomError } from '@strongroom/errors';
import fc from 'fast-check';
import { decodeError, encodeError } from './coded-error.ts';

const codes = Object.keys(errorCatalogue) as ErrorCode[];

test('code, detail and delay travel', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...codes),
      fc.option(fc.string({ maxLength: 900 }), { nil: undefined }),
      fc.option(fc.nat(3_600_000), { nil: undefined }),
      (code, detail, retryAfterMs) => {
        const sent = new StrongroomError(code, {
          ...(detail === undefined ? {} : { detail }),
          ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        });
        const got = decodeError(encodeError(sent));
        assert.deepEqual([got.code, got.detail, got.retryAfterMs], [code, detail, retryAfterMs]);
      },
    ),
  );
});

test('nothing of a foreign error and nothing of a cause travels', () => {
  const foreign = new TypeError('canary-1', { cause: new Error('canary-2') });
  for (const fault of [foreign, 'canary-3', new StrongroomError('denied', { cause: foreign })]) {
    assert.ok(!Buffer.from(encodeError(fault)).includes('canary'));
  }
  assert.equal(decodeError(encodeError(foreign)).code, 'internal');
});

test('any bytes are an error of the catalogue', () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.json().map((text) => Buffer.from(text)),
    fc.record({ code: fc.anything(), detail: fc.anything(), retryAfterMs: fc.anything() }).map((value) => {
      try {
        return Buffer.from(JSON.stringify(value));
      } catch {
        return Buffer.from('{"code":"__proto__"}');
      }
    }),
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      const { code, detail, retryAfterMs } = decodeError(bytes);
      assert.ok(codes.includes(code));
      assert.ok(detail === undefined || typeof detail === 'string');
      assert.ok(retryAfterMs === undefined || Number.isSafeInteger(retryAfterMs));
    }),
  );
});
