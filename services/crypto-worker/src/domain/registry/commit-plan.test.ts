import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planCommits, type RecordEdit } from './commit-plan.ts';
import { Dictionary } from './dictionary.ts';
import { RegistrySeal } from './registry-seal.ts';

const seal = new RegistrySeal('default', new Uint8Array(32).fill(1));
const binding = (id: string, expectedVersion: number, principal?: string): RecordEdit => ({
  kind: 'binding',
  id,
  expectedVersion,
  value: principal === undefined ? undefined : { principal },
});

/** Why it was refused, if it was. */
function commit(dictionary: Dictionary, ...edits: readonly RecordEdit[]) {
  return commitTogether(dictionary, edits)[0];
}

function commitTogether(dictionary: Dictionary, ...commits: readonly (readonly RecordEdit[])[]) {
  const { plan, refusals } = planCommits(dictionary, commits);
  if (plan !== undefined) dictionary.adopt(plan.change);
  return refusals;
}

const versionOf = (dictionary: Dictionary, id: string) => {
  const entry = dictionary.find(`binding/${id}`);
  return typeof entry === 'string' ? entry : entry.version;
};

test('versions count from 1 and each change must name the one it was decided on', () => {
  const dictionary = new Dictionary(seal);
  assert.equal(commit(dictionary, binding('a', 1, 'user:x'))?.status, 'conflict');
  assert.equal(commit(dictionary, binding('a', 0, 'user:x')), undefined);
  assert.equal(commit(dictionary, binding('a', 0, 'user:y'))?.status, 'conflict');
  assert.equal(commit(dictionary, binding('a', 1, 'user:y')), undefined);
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
  const refusal = commit(dictionary, binding('a', 0, 'user:x'), binding('b', 4, 'user:x'));
  assert.deepEqual(refusal, { status: 'conflict', name: 'binding/b' });
  assert.equal(versionOf(dictionary, 'a'), 'absent');
  assert.equal(dictionary.head.sequence, 0);
});

test('one commit changes a record once', () => {
  const dictionary = new Dictionary(seal);
  assert.equal(commit(dictionary, binding('a', 0, 'user:x'), binding('a', 0))?.status, 'conflict');
});

test('removing what is not there changes no entry', () => {
  const dictionary = new Dictionary(seal);
  const before = dictionary.tree.root;
  const { plan } = planCommits(dictionary, [[binding('a', 0)]]);
  assert.equal(plan?.removed.length, 0);
  assert.equal(commit(dictionary, binding('a', 0)), undefined);
  assert.deepEqual(dictionary.tree.root, before);
  assert.equal(dictionary.head.sequence, 1);
});

test('a plan is good on the head it was made on and on no other', () => {
  const dictionary = new Dictionary(seal);
  const first = planCommits(dictionary, [[binding('a', 0, 'user:x')]]);
  commit(dictionary, binding('b', 0, 'user:y'));
  if (first.plan !== undefined) dictionary.adopt(first.plan.change);
  assert.equal(versionOf(dictionary, 'a'), 'absent');
  assert.equal(dictionary.head.sequence, 1);
});

test('commits that are planned together are decided one after the other, each as a whole', () => {
  const dictionary = new Dictionary(seal);
  const refusals = commitTogether(
    dictionary,
    [binding('a', 0, 'user:x')],
    [binding('b', 0, 'user:x'), binding('a', 0, 'user:y')],
    [binding('a', 1, 'user:z'), binding('c', 0, 'user:z')],
    [binding('c', 1)],
  );
  assert.deepEqual(refusals, [undefined, { status: 'conflict', name: 'binding/a' }, undefined, undefined]);
  assert.deepEqual(
    [versionOf(dictionary, 'a'), versionOf(dictionary, 'b'), versionOf(dictionary, 'c')],
    [2, 'absent', 'absent'],
  );
  assert.equal(dictionary.head.sequence, 1);
});

test('a plan of many commits leaves the tree that the commits leave one by one', () => {
  const edit = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    expectedVersion: fc.nat(2),
    principal: fc.option(fc.constantFrom('user:x', 'user:y'), { nil: undefined }),
  });
  const commits = fc.array(fc.array(edit, { maxLength: 3 }), { maxLength: 8 });
  fc.assert(
    fc.property(commits, (drawn) => {
      const edits = drawn.map((each) =>
        each.map(({ id, expectedVersion, principal }) => binding(id, expectedVersion, principal)),
      );
      const [together, oneByOne] = [new Dictionary(seal), new Dictionary(seal)];
      const refusals = commitTogether(together, ...edits);
      assert.deepEqual(
        refusals,
        edits.map((each) => commit(oneByOne, ...each)),
      );
      assert.deepEqual(together.tree.root, oneByOne.tree.root);
    }),
  );
});

test('where every commit is refused there is nothing to write', () => {
  const { plan, refusals } = planCommits(new Dictionary(seal), [[binding('a', 3)]]);
  assert.equal(plan, undefined);
  assert.equal(refusals[0]?.status, 'conflict');
});
