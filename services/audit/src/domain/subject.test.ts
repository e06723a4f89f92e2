import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { objectName, splitSubjects, storable, subjectOfActor, subjectOfObject } from './subject.ts';

const part = fc.string({ unit: fc.constantFrom('a', '/', '\\', '\0', 's', '0'), maxLength: 5 });
const group = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 2 });
const object = fc.record({ kind: part, group, name: part });

test('two objects never share a name', () => {
  fc.assert(
    fc.property(object, object, (one, other) => {
      const isSame = one.kind === other.kind && one.group === other.group && one.name === other.name;
      assert.equal(objectName(one) === objectName(other), isSame);
    }),
    { numRuns: 2_000 },
  );
});

test('every text can be stored', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.ok(!storable(text).includes('\0'))));
  assert.equal(storable('default/kek'), 'default/kek');
});

test('actors and objects are told apart', () => {
  const subjects = [
    subjectOfActor('user:a'),
    subjectOfObject('key/default/kek'),
    subjectOfObject('actor//x'),
  ];
  assert.deepEqual(splitSubjects(subjects), { actors: ['user:a'], objects: ['key/default/kek', 'actor//x'] });
});
