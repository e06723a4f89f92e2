import assert from 'node:assert/strict';
import { test } from 'node:test';
import { intentFields } from './intent.ts';
import { objectOf, policyNameOf, recordOf, subjectOf } from './subject.ts';

const commit = (field: string) => `sha256:${field}`;

test('approvers see what is plain, and everything else is bound by a commitment', () => {
  const classes = { name: 'plain', value: 'never', credential: 'commit', tag: 'hmac' } as const;
  const params = { name: 'kek', value: 's3cret', credential: { kind: 'key' }, tag: 't', undeclared: 1 };
  assert.deepEqual(intentFields(classes, params, commit), {
    name: '"kek"',
    value: 'sha256:value',
    credential: 'sha256:credential',
    tag: 'sha256:tag',
    undeclared: 'sha256:undeclared',
  });
});

test('what is absent is left out, and what is too long to show is committed to', () => {
  const classes = { a: 'plain', b: 'plain' } as const;
  const fields = intentFields(classes, { a: undefined, b: 'x'.repeat(5_000) }, commit);
  assert.deepEqual(fields, { b: 'sha256:b' });
});

test('the object of a row is a record, or nothing that a policy could guard', () => {
  const key = { kind: 'key', group: 'group', name: 'name' } as const;
  const params = { group: 'g', name: 'n', other: 1 };
  assert.deepEqual(objectOf(key, params), { kind: 'key', group: 'g', name: 'n' });
  assert.deepEqual(recordOf(objectOf(key, params)), { kind: 'key', id: 'g/n' });
  assert.equal(recordOf({ kind: 'key', group: 'g' }), undefined);
  for (const kind of ['proposal', 'log', 'system'] as const)
    assert.equal(recordOf({ kind, name: 'n' }), undefined);
  assert.equal(policyNameOf('key', undefined), undefined);
});

test('a subject changes with its record, and with the version of it', () => {
  const object = { kind: 'binding', name: 'b' } as const;
  const value = { principal: 'user:a' };
  const states = [
    subjectOf(object, undefined),
    subjectOf(object, { version: 1, value }),
    subjectOf(object, { version: 2, value }),
    subjectOf(object, { version: 1, value: { principal: 'user:b' } }),
  ].map(({ version, stateHash }) => `${version} ${stateHash}`);
  assert.equal(new Set(states).size, states.length);
});
