import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import fc from 'fast-check';
import { formatCursor, type Listing, readCursor } from './cursor.ts';

const isRefusal = (fault: unknown) => isStrongroomError(fault) && fault.code === 'request-invalid';
const filter = { actor: 'user:alice' };

test('a cursor is read back for the same question', () => {
  const cursor = { index: 5, size: 2 ** 40, sequence: 3 };
  assert.deepEqual(readCursor(formatCursor(cursor, 'export', filter), 'export', filter), cursor);
});

test('a cursor of another question is refused', () => {
  const text = formatCursor({ index: 5, size: 9, sequence: 0 }, 'newest-first', filter);
  assert.throws(() => readCursor(text, 'oldest-first', filter), isRefusal);
  assert.throws(() => readCursor(text, 'newest-first', {}), isRefusal);
  assert.throws(() => readCursor(text, 'newest-first', { actor: 'user:bob' }), isRefusal);
});

test('every text is a cursor or refused', () => {
  const listing = fc.constantFrom<Listing>('newest-first', 'oldest-first', 'export');
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), listing, (text, order) => {
      assert.throws(() => readCursor(text, order, filter), isRefusal);
    }),
  );
});

test('a cursor that was changed anywhere is refused or names a place in the log', () => {
  const text = formatCursor({ index: 5, size: 9, sequence: 0 }, 'newest-first', filter);
  for (let at = 0; at < text.length; at += 1) {
    const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
    try {
      const { index, size } = readCursor(changed, 'newest-first', filter);
      assert.ok(index < size && Number.isSafeInteger(size));
    } catch (fault) {
      assert.ok(isRefusal(fault));
    }
  }
});
