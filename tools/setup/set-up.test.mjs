import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SetUpProblem } from './problem.mjs';
import { setUp } from './set-up.mjs';

/** @param {Partial<import('./set-up.mjs').Step>} parts */
const step = (parts) => ({
  name: 'a',
  missing: () => undefined,
  provide: async () => assert.fail('nothing was missing'),
  found: () => 'found',
  ...parts,
});

function record() {
  /** @type {string[]} */
  const lines = [];
  return {
    lines,
    begins: (/** @type {string} */ name, /** @type {string} */ missing) =>
      void lines.push(`${name}: ${missing}`),
    ends: (/** @type {string} */ name, /** @type {{ state: string }} */ { state }) =>
      void lines.push(`${name}: ${state}`),
  };
}

test('what is there is not brought again', async () => {
  const report = record();
  assert.deepEqual(await setUp([step({})], report), []);
  assert.deepEqual(report.lines, ['a: present']);
});

test('what is missing is brought, and the second look is the proof', async () => {
  const report = record();
  let isThere = false;
  const brings = step({
    missing: () => (isThere ? undefined : 'all of it'),
    provide: async () => {
      isThere = true;
    },
  });
  assert.deepEqual(await setUp([brings], report), []);
  assert.deepEqual(report.lines, ['a: all of it', 'a: provided']);
});

test('a step that brought something which does not work has failed', async () => {
  const problems = await setUp([step({ missing: () => 'part of it', provide: async () => {} })], record());
  assert.match(problems[0]?.message ?? '', /still missing.*part of it/);
});

test('every problem is told, and what builds on a failed step waits', async () => {
  const report = record();
  const fails = (/** @type {string} */ name) =>
    step({
      name,
      missing: () => 'it',
      provide: async () => {
        throw new SetUpProblem(`no ${name}`, ['install it']);
      },
    });
  const problems = await setUp([fails('a'), fails('b'), step({ name: 'c', after: ['a'] })], report);
  assert.deepEqual(
    problems.map(({ message }) => message),
    ['no a', 'no b'],
  );
  assert.ok(report.lines.includes('c: skipped'));
});

test('a fault in a step is a problem with its trace, not a crash', async () => {
  const problems = await setUp(
    [
      step({
        missing: () => {
          throw new TypeError('unforeseen');
        },
      }),
    ],
    record(),
  );
  assert.match(problems[0]?.message ?? '', /TypeError: unforeseen/);
});

test('a step may only build on one that is listed before it', async () => {
  await assert.rejects(setUp([step({ name: 'b', after: ['a'] })], record()), /listed before/);
});
