import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { conditionsOf, timeOf } from './entry-selection.ts';

const refused = (place: string) => (fault: unknown) =>
  isStrongroomError(fault) && fault.code === 'request-invalid' && fault.detail === place;

test('a filter becomes conditions on the log', () => {
  assert.deepEqual(conditionsOf({}), { objects: [] });
  assert.deepEqual(
    conditionsOf({ actor: 'user:a', outcome: 'done', key: 'default/kek', secret: 'default/a/b' }),
    {
      actor: 'user:a',
      outcome: 'done',
      objects: ['key/default/kek', 'secret/default/a/b'],
    },
  );
});

test('what no entry can match is refused with its place', () => {
  assert.throws(() => conditionsOf({ key: 'kek' }), refused('/filter/key'));
  assert.throws(() => timeOf('2030-02-31T00:00:00.000Z', 'from'), refused('/filter/from'));
  assert.equal(timeOf('2030-02-28T00:00:00.000Z', 'to'), '2030-02-28T00:00:00.000Z');
});
