import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SortedNames } from './sorted-names.ts';

test('a page holds what is there, in order, after the last one, with the prefix', () => {
  const id = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-'), minLength: 1, maxLength: 4 });
  const step = fc.record({ id, remove: fc.boolean(), look: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), id, id, fc.nat(5), (steps, prefix, after, limit) => {
      const names = new SortedNames();
      const model = new Set<string>();
      for (const { id, remove, look } of steps) {
        if (remove && model.delete(id)) names.remove(id);
        else if (!remove && !model.has(id)) {
          model.add(id);
          names.add(id);
        }
        if (look) names.page({ prefix: '', limit: 1 });
      }
      const expected = [...model].sort().filter((each) => each.startsWith(prefix) && each > after);
      assert.deepEqual(names.page({ prefix, after, limit }), expected.slice(0, limit));
      assert.deepEqual(names.page({ prefix: '', limit: 100 }), [...model].sort());
    }),
  );
});

test('few changes and many lead to the same order', () => {
  const ids = fc.uniqueArray(fc.nat(999), { maxLength: 120 }).map((some) => some.map(String));
  fc.assert(
    fc.property(ids, ids, ids, (first, added, removed) => {
      const names = new SortedNames();
      const model = new Set<string>();
      for (const load of [first, added]) {
        for (const id of load) if (!model.has(id)) names.add(id);
        for (const id of load) model.add(id);
        names.page({ prefix: '', limit: 1 });
      }
      for (const id of removed) if (model.delete(id)) names.remove(id);
      assert.deepEqual(names.page({ prefix: '', limit: 1_000 }), [...model].sort());
      assert.equal(names.count(''), model.size);
    }),
  );
});
