import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planCommit, type RecordEdit } from './commit-plan.ts';
import { Dictionary } from './dictionary.ts';
import { RegistrySeal } from './registry-seal.ts';

const seal = new RegistrySeal('default', new Uint8Array(32).fill(1));
const binding = (id: string, expectedVersion: number, principal?: string): RecordEdit => ({
  kind: 'binding',
  id,
  expectedVersion,
  value: principal === undefined ? undefined : { principal },
});

function commit(dictionary: Dictionary, ...edits: readonly RecordEdit[]) {
  const planned = planCommit(dictionary, edits);
  if (planned.status === 'planned') dictionary.adopt(planned.plan.change);
  return planned;
}

const versionOf = (dictionary: Dictionary, id: string) => {
  const entry = dictionary.find(`binding/${id}`);
  return typeof entry === 'string' ? entry : entry.version;
};

test('versions count from 1 and each change must name the one it was decided on', () => {
  const dictionary = new Dictionary(seal);
  assert.equal(commit(dictionary, binding('a', 1, 'user:x')).status, 'conflict');
  assert.equal(commit(dictionary, binding('a', 0, 'user:x')).status, 'planned');
  assert.equal(commit(dictionary, binding('a', 0, 'user:y')).status, 'conflict');
  assert.equal(commit(dictionary, binding('a', 1, 'user:y')).status, 'planned');
  assert.equal(versionOf(dictionary, 'a'), 2);
});

test('a record made again under an old name never gets an old version', () => {
  const dictionary = new Dictionary(seal);
  commit(dictionary, binding('a', 0, 'user:x'));
  commit(dictionary, binding('a', 1));
  assert.equal(versionOf(dictionary, 'a'), 'absent');
  commit(dictionary, binding('a', 0, 'user:y'));
  assert.equal(versionOf(dictionary, 'a'), 3);
});

test('one conflict drops the whole plan', () => {
  const dictionary = new Dictionary(seal);
  const planned = commit(dictionary, binding('a', 0, 'user:x'), binding('b', 4, 'user:x'));
  assert.deepEqual(planned, { status: 'conflict', name: 'binding/b' });
  assert.equal(versionOf(dictionary, 'a'), 'absent');
  assert.equal(dictionary.head.sequence, 0);
});

test('one commit changes a record once', () => {
  const dictionary = new Dictionary(seal);
  assert.equal(commit(dictionary, binding('a', 0, 'user:x'), binding('a', 0)).status, 'conflict');
});

test('removing what is not there changes no entry', () => {
  const dictionary = new Dictionary(seal);
  const before = dictionary.tree.root;
  const planned = commit(dictionary, binding('a', 0));
  assert.equal(planned.status === 'planned' && planned.plan.removed.length, 0);
  assert.deepEqual(dictionary.tree.root, before);
  assert.equal(dictionary.head.sequence, 1);
});

test('a plan is good on the head it was made on and on no other', () => {
  const dictionary = new Dictionary(seal);
  const first = planCommit(dictionary, [binding('a', 0, 'user:x')]);
  commit(dictionary, binding('b', 0, 'user:y'));
  if (first.status === 'planned') dictionary.adopt(first.plan.change);
  assert.equal(versionOf(dictionary, 'a'), 'absent');
  assert.equal(dictionary.head.sequence, 1);
});
