import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SequenceBook } from './sequence-book.ts';

test('numbers of a draft count from the last committed one and are entered or forgotten together', () => {
  const book = new SequenceBook();
  book.enter(
    new Map([
      ['a', 4],
      ['b', 0],
    ]),
  );
  const lost = book.draft();
  assert.deepEqual([lost.next('a'), lost.next('a'), lost.next('b')], [5, 6, 1]);
  const kept = book.draft();
  assert.deepEqual([kept.next('a'), kept.next('b')], [5, 1]);
  book.enter(kept.taken);
  assert.equal(book.draft().next('a'), 6);
});

test('an object that an entry names twice is counted once', () => {
  const book = new SequenceBook();
  book.enter(
    new Map([
      ['a', 0],
      ['b', 9],
    ]),
  );
  const draft = book.draft();
  assert.deepEqual(draft.nextOfEach(['a', 'b', 'a']), [1, 10, 1]);
  assert.equal(draft.next('a'), 2);
});

test('a number that was not read is never guessed', () => {
  const book = new SequenceBook();
  assert.deepEqual(book.missing(['a', 'b', 'a']), ['a', 'b']);
  assert.throws(() => book.draft().next('a'), RangeError);
});

test('the book forgets the subjects that rested longest, and everything when it is in doubt', () => {
  const book = new SequenceBook(2);
  book.enter(
    new Map([
      ['a', 1],
      ['b', 2],
    ]),
  );
  book.enter(new Map([['a', 3]]));
  book.enter(new Map([['c', 1]]));
  assert.deepEqual(book.missing(['a', 'b', 'c']), []);
  book.trim();
  assert.deepEqual(book.missing(['a', 'b', 'c']), ['b']);
  book.clear();
  assert.deepEqual(book.missing(['a']), ['a']);
});
