import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCatalogue, isErrorCode } from './catalogue.ts';
import { isStrongroomError, StrongroomError, toStrongroomError } from './strongroom-error.ts';

test('every code is kebab-case and its row is whole', () => {
  for (const [code, row] of Object.entries(errorCatalogue)) {
    assert.match(code, /^[a-z]+(-[a-z]+)*$/);
    assert.ok(row.http >= 200 && row.http < 600, code);
    assert.ok(row.grpc > 0 && row.grpc <= 16, code);
    assert.ok(row.exit > 1 && row.exit < 64, code);
    assert.match(row.message, /\.$/, code);
  }
});

test('the outcomes that must not be confused have different codes on every path', () => {
  const told = ['denied', 'approval-pending', 'absent', 'hsm-unavailable', 'deadline-exceeded'] as const;
  assert.equal(new Set(told.map((code) => errorCatalogue[code].http)).size, told.length);
  assert.equal(new Set(told.map((code) => errorCatalogue[code].grpc)).size, told.length);
  assert.equal(new Set(told.map((code) => errorCatalogue[code].exit)).size, told.length);
});

test('a cause stays in the process', () => {
  const error = new StrongroomError('internal', { cause: new Error('secret detail') });
  assert.ok(!JSON.stringify({ ...error }).includes('secret detail'));
  assert.equal(error.message, errorCatalogue.internal.message);
});

test('an error is recognised by its brand, not by its class', () => {
  assert.ok(isStrongroomError(new StrongroomError('absent')));
  assert.ok(!isStrongroomError({ code: 'absent' }));
  assert.ok(!isStrongroomError(undefined));
  assert.equal(toStrongroomError(new TypeError('x')).code, 'internal');
  assert.equal(toStrongroomError(new StrongroomError('denied')).code, 'denied');
});

test('names of Object.prototype are no codes', () => {
  for (const name of ['constructor', '__proto__', 'toString']) assert.ok(!isErrorCode(name));
});
