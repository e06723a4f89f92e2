import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { conditionsOf, timeOf } from './entry-selection.ts';

const refused = (place: string) => (fault: unknown) =>
  isStrongroomError(fault) && fault.code === 'request-invalid' && fault.detail === place;

test('a filter becomes conditions on the log', () => {
  assert.deepEqual(conditionsOf({}), [{ objects: [] }]);
  assert.deepEqual(
    conditionsOf({ actor: 'user:a', outcome: 'done', key: 'default/kek', secret: 'default/a/b' }),
    [
      {
        actor: { text: 'user:a', isPrefix: false },
        outcome: 'done',
        objects: ['key/default/kek', 'secret/default/a/b'],
      },
    ],
  );
});

test('what all members share is part of each of them', () => {
  assert.deepEqual(conditionsOf({ operation: 'key.*', anyOf: [{ cluster: 'east' }, { key: 'g/a' }] }), [
    { operation: { text: 'key.', isPrefix: true }, cluster: 'east', objects: [] },
    { operation: { text: 'key.', isPrefix: true }, objects: ['key/g/a'] },
  ]);
});

test('what no entry can match is refused with its place', () => {
  assert.throws(() => conditionsOf({ key: 'kek' }), refused('/filter/key'));
  assert.throws(
    () => conditionsOf({ anyOf: [{ key: 'g/a' }, { key: 'kek' }] }),
    refused('/filter/anyOf/1/key'),
  );
  assert.throws(
    () => conditionsOf({ actor: 'user:a', anyOf: [{ actor: 'user:a' }] }),
    refused('/filter/anyOf/0/actor'),
  );
  assert.throws(() => timeOf('2030-02-31T00:00:00.000Z', 'from'), refused('/filter/from'));
  assert.equal(timeOf('2030-02-28T00:00:00.000Z', 'to'), '2030-02-28T00:00:00.000Z');
});
