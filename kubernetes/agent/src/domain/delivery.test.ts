import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkDelivery, checkPath } from './delivery.ts';

const item = { group: 'default', name: 'db', path: 'db' };

test('a sound list has no problems', () => {
  assert.deepEqual(checkDelivery([item, { ...item, path: 'tls/key', mode: '0440', version: 2 }]), []);
});

test('paths that leave the directory or take the names of the writer are refused', () => {
  for (const path of [
    '/etc/passwd',
    '../x',
    'a/../b',
    'a//b',
    './a',
    'a/.',
    '..data',
    'a/..b',
    '',
    'a\0b',
    'x'.repeat(256),
  ]) {
    assert.notDeepEqual(checkPath(path), [], JSON.stringify(path));
  }
});

test('every problem is named at once, with its item', () => {
  const problems = checkDelivery([{ ...item, mode: '777', colour: 'red' }, { path: 'a' }, null]);
  assert.deepEqual(problems, [
    'item 0: unknown field "colour"',
    'item 0: mode is octal, like 0400',
    'item 1: group is needed',
    'item 1: name is needed',
    'item 2: not an object',
  ]);
});

test('two items cannot want one path, nor one below the other', () => {
  assert.match(checkDelivery([item, item]).join(), /two items/);
  assert.match(checkDelivery([item, { ...item, path: 'db/x' }]).join(), /two items/);
});

test('no list crashes the check, and no accepted path leaves the directory', () => {
  fc.assert(fc.property(fc.anything(), (anything) => Array.isArray(checkDelivery(anything))));
  fc.assert(
    fc.property(fc.string(), (path) => {
      if (checkPath(path).length > 0) return;
      assert.ok(!path.startsWith('/') && !path.split('/').some((part) => part.startsWith('..')));
    }),
  );
});
