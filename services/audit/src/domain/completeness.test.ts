import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyOf } from '../../testing/test-deployment.ts';
import { counterOf, hasNoGap } from './completeness.ts';

const entry = {
  index: 41,
  entry: {
    body: bodyOf({
      objects: [
        { kind: 'key', group: 'default', name: 'a/b' },
        { kind: 'secret', group: 'default', name: 'a/b' },
      ],
    }),
    placement: { at: '2030-01-01T00:00:00.000Z', actorSeq: 7, objectSeqs: [8, 9] },
  },
};
const from = '2030-01-01T00:00:00.000Z';

test('a filter by one counter has it; filters that cut through counters have none', () => {
  assert.equal(counterOf({})?.(entry), 42);
  assert.equal(counterOf({ from, to: from })?.(entry), 42);
  assert.equal(counterOf({ actor: 'user:alice', from })?.(entry), 7);
  assert.equal(counterOf({ key: 'default/a/b' })?.(entry), 8);
  assert.equal(counterOf({ secret: 'default/a/b' })?.(entry), 9);
  assert.equal(counterOf({ actor: 'user:alice', key: 'default/a/b' }), undefined);
  assert.equal(counterOf({ key: 'default/a', secret: 'default/a' }), undefined);
  assert.equal(counterOf({ operation: 'secret.read' }), undefined);
  assert.equal(counterOf({ actor: 'user:alice', outcome: 'done' }), undefined);
  assert.equal(counterOf({ requestId: entry.entry.body.requestId }), undefined);
});

test('a gap is seen inside a page, between pages and before the first entry', () => {
  const open = { before: undefined, reachesStart: false };
  assert.ok(hasNoGap([3, 4, 5], 1, open));
  assert.ok(!hasNoGap([3, 5], 1, open));
  assert.ok(hasNoGap([5, 4, 3], -1, open));
  assert.ok(!hasNoGap([5, 3], -1, open));
  assert.ok(hasNoGap([3], 1, { before: 2, reachesStart: false }));
  assert.ok(!hasNoGap([3], 1, { before: 1, reachesStart: false }));
  assert.ok(!hasNoGap([3], -1, { before: 5, reachesStart: false }));
  assert.ok(hasNoGap([1, 2], 1, { before: undefined, reachesStart: true }));
  assert.ok(!hasNoGap([2, 3], 1, { before: undefined, reachesStart: true }));
  assert.ok(hasNoGap([2, 1], -1, { before: undefined, reachesStart: true }));
  assert.ok(!hasNoGap([3, 2], -1, { before: undefined, reachesStart: true }));
  assert.ok(!hasNoGap([], -1, { before: 2, reachesStart: true }));
  assert.ok(hasNoGap([], 1, { before: undefined, reachesStart: true }));
});
