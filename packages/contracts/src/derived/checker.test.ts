import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Type } from 'typebox';
import { operationCatalogue } from '../catalogue.ts';
import { closed, closedRecord, Name } from '../fields.ts';
import { makeChecker } from './checker.ts';
import { checkers, operationChecker } from './checkers.ts';

const all = [
  ...Object.values(checkers),
  ...[...operationCatalogue.keys()].flatMap((name) => Object.values(operationChecker(name))),
];

test('objects are closed: one field more or less is refused', () => {
  const { request } = operationChecker('key.rotate');
  assert.ok(request.check({ group: 'default', name: 'kms' }));
  assert.ok(!request.check({ group: 'default', name: 'kms', extra: 1 }));
  assert.ok(!request.check({ group: 'default' }));
  assert.ok(!request.check(JSON.parse('{"group":"default","name":"kms","__proto__":{}}')));
});

test('fields that an object inherits are not its own', () => {
  const { request } = operationChecker('key.rotate');
  assert.ok(!request.check(Object.create({ group: 'default', name: 'kms' })));
});

test('nothing is coerced', () => {
  const { request } = operationChecker('key.list');
  assert.ok(request.check({ group: 'default', limit: 10 }));
  for (const limit of ['10', 10.5, true, [10], null, Number.NaN, 0, 501]) {
    assert.ok(!request.check({ group: 'default', limit }), String(limit));
  }
  assert.ok(!request.check({ group: 'default' }), 'no default');
});

test('a record takes the names that fit its pattern and no others', () => {
  const checker = makeChecker(closedRecord('^[a-z]{1,3}$', Type.Boolean(), 2));
  assert.ok(checker.check({ a: true, abc: false }));
  for (const value of [{ A: true }, { abcd: true }, { a: 1 }, { a: true, b: true, c: true }, []]) {
    assert.ok(!checker.check(value), JSON.stringify(value));
  }
});

test('the place of a problem is named, an unknown property by what holds it', () => {
  const { request } = operationChecker('key.rotate');
  assert.equal(request.problemOf({ group: 'default', name: 'NOT A NAME' }), '/name');
  assert.equal(request.problemOf({ group: 'default', name: 'kms', hunter2: 1 }), '/');
  assert.equal(request.problemOf('hunter2'), '/');
  const nested = makeChecker(closed({ outer: closed({ inner: Name }) }));
  assert.equal(nested.problemOf({ outer: { inner: 'a', hunter2: 1 } }), '/outer');
});

test('no value whatever makes a check throw, or is changed by it', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true }), (anything) => {
      const before = fc.stringify(anything);
      for (const checker of all) {
        if (!checker.check(anything)) assert.match(checker.problemOf(anything), /^\//);
      }
      assert.equal(fc.stringify(anything), before);
    }),
    { numRuns: 60 },
  );
});

test('the place of a problem never holds what a caller sent', () => {
  const canary = 'canary7f3a';
  const hostile = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constant(canary),
      fc.nat(3),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(canary, 'filter', 'routing', 'statement', 'proof', 'vote'), tie('value')),
    ),
  })).value;
  fc.assert(
    fc.property(hostile, (value) => {
      for (const checker of all) {
        if (!checker.check(value)) assert.ok(!checker.problemOf(value).includes(canary));
      }
    }),
    { numRuns: 100 },
  );
});
