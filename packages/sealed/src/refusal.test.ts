import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import fc from 'fast-check';
import { coded, routing } from '../test/parties.ts';
import { decodeFrame, encodeFrame, frameKind } from './frame.ts';
import { decodeRefusal, encodeRefusal, hintedCode, refusalError } from './refusal.ts';

test('a refusal travels with code, detail, delay and the request that it answers', () => {
  const { requestId } = routing();
  const error = new StrongroomError('overloaded', { detail: 'in flight', retryAfterMs: 250 });
  const refusal = decodeRefusal(decodeFrame(encodeRefusal(error, { requestId })));
  assert.deepEqual(refusal, { code: 'overloaded', detail: 'in flight', retryAfterMs: 250, requestId });
  assert.equal(decodeRefusal(decodeFrame(encodeRefusal(error))).requestId, undefined);
});

test('what only a worker can know is not believed without a seal', () => {
  for (const code of [
    'absent',
    'ciphertext-invalid',
    'approval-pending',
    'approval-denied',
    'already-exists',
  ]) {
    assert.equal(hintedCode(code), 'reply-invalid');
  }
  for (const code of ['nonsense', 'toString', undefined, 7]) assert.equal(hintedCode(code), 'reply-invalid');
  assert.equal(hintedCode('overloaded'), 'overloaded');
});

test('the text of a refusal is marked, short and printable', () => {
  const error = refusalError({ code: 'internal', detail: `\u001b[31mred\n${'x'.repeat(600)}` });
  assert.match(error.detail ?? '', /^told by a carrier, not authenticated: \?\[31mred\?x+$/);
  assert.ok((error.detail?.length ?? 0) < 300);
});

test('any body is a refusal or an invalid reply', () => {
  const body = fc.oneof(
    fc.uint8Array(),
    fc
      .record({ code: fc.string({ maxLength: 80 }), detail: fc.string() })
      .map((value) => canonicalBytes(value)),
  );
  fc.assert(
    fc.property(body, (bytes) => {
      try {
        decodeRefusal(decodeFrame(encodeFrame(frameKind.refusal, '', bytes)));
      } catch (error) {
        coded('reply-invalid')(error);
      }
    }),
  );
});
