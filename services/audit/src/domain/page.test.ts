import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutPage, nextOf, pageBytesMax } from './page.ts';

test('a page ends at its limit or at its bytes, and the first entry always fits', () => {
  const one = () => 1;
  assert.deepEqual(cutPage([1, 2, 3], 2, one), { items: [1, 2], isFull: true });
  assert.deepEqual(cutPage([1, 2], 2, one), { items: [1, 2], isFull: false });
  assert.deepEqual(cutPage([], 2, one), { items: [], isFull: false });
  assert.deepEqual(
    cutPage([1, 2], 2, () => pageBytesMax + 1),
    { items: [1], isFull: true },
  );
});

test('pages put together are all that was found', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 65_535 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      (all, limit) => {
        const seen: number[] = [];
        for (;;) {
          const rest = all.slice(seen.length);
          const { items, isFull } = cutPage(rest.slice(0, limit + 1), limit, (bytes) => bytes);
          assert.ok(items.length <= limit && (items.length > 0 || rest.length === 0));
          seen.push(...items);
          if (!isFull) break;
        }
        assert.deepEqual(seen, all);
      },
    ),
  );
});

test('only a full page has a next one', () => {
  const items = [{ index: 4 }];
  assert.deepEqual(nextOf({ items, isFull: false }, 9, 1, 'export', {}), {});
  assert.match(nextOf({ items, isFull: true }, 9, 1, 'export', {}).next ?? '', /^[A-Za-z0-9_-]{43}$/);
});
