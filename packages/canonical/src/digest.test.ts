import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { CanonicalError, canonicalText } from './canonical-json.ts';
import { digest, digestBytes } from './digest.ts';

const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest();

test('a digest is SHA-256 over the domain, a zero octet and the canonical bytes', () => {
  const value = { b: 'ö€', a: [1, true] };
  assert.deepEqual(digest('a/1', value), sha256(`a/1\0${canonicalText(value)}`));
  const parts = [Uint8Array.of(1), Uint8Array.of(2, 3)];
  assert.deepEqual(digestBytes('a/1', ...parts), sha256('a/1\0\u0001\u0002\u0003'));
});

test('the same value has another digest in another domain', () => {
  assert.notDeepEqual(digest('a/1', 'x'), digest('a/2', 'x'));
  assert.notDeepEqual(digestBytes('a/1', Uint8Array.of(1)), digestBytes('a/2', Uint8Array.of(1)));
});

test('what has no canonical form has no digest', () => {
  assert.throws(() => digest('a/1', 0.5), CanonicalError);
});
