import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EntryIndex } from './entry-index.ts';

const entry = (id: string, version: number, mac?: string) => ({ kind: 'binding', id, version, mac }) as const;
const all = { prefix: '', limit: 10 };

test('an entry stays the same object until its record changes', () => {
  const index = new EntryIndex();
  index.replaceBucket(7, [entry('a', 1, 'x'), entry('b', 1, 'y')]);
  const [a, b] = [index.get('binding/a'), index.get('binding/b')];
  index.replaceBucket(7, [entry('a', 1, 'x'), entry('b', 2, 'z')]);
  assert.equal(index.get('binding/a'), a);
  assert.notEqual(index.get('binding/b'), b);
  assert.deepEqual(index.bucket(7), [entry('a', 1, 'x'), entry('b', 2, 'z')]);
});

test('a removed record is known and not listed', () => {
  const index = new EntryIndex();
  index.replaceBucket(7, [entry('a', 1, 'x'), entry('b', 1, 'y')]);
  index.replaceBucket(7, [entry('a', 2), entry('b', 1, 'y')]);
  assert.deepEqual(index.get('binding/a'), entry('a', 2));
  assert.deepEqual(index.page('binding', all), ['b']);
  index.replaceBucket(7, [entry('a', 3, 'z'), entry('b', 1, 'y')]);
  assert.deepEqual(index.page('binding', all), ['a', 'b']);
});

test('what a bucket no longer shows is forgotten', () => {
  const index = new EntryIndex();
  index.replaceBucket(7, [entry('a', 1, 'x')]);
  index.replaceBucket(7, []);
  assert.equal(index.get('binding/a'), undefined);
  assert.deepEqual(index.page('binding', all), []);
  assert.deepEqual(index.bucket(7), []);
});
