import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { operationCatalogue } from '../catalogue.ts';
import { projectFields } from './audit-fields.ts';
import { checkers, operationChecker } from './checkers.ts';
import { isRequestId, newRequestId } from './request-id.ts';
import { restRoutes } from './rest-routes.ts';

test('every row is coherent with itself', () => {
  for (const [name, row] of operationCatalogue) {
    const fields = Object.keys(row.request.properties).sort();
    assert.deepEqual(Object.keys(row.audit.request).sort(), fields, `${name}: audit classes of the request`);
    for (const field of [row.object.group, row.object.name]) {
      if (field !== undefined) assert.ok(fields.includes(field), `${name}: object field ${field}`);
    }
    assert.match(name, /^[a-z]+(\.[a-z-]+)+$/);
    assert.ok(row.summary.endsWith('.'), name);
    if (row.guardable) assert.ok(row.mutates, `${name}: only what changes something waits for a quorum`);
    assert.ok(row.deadlineMs <= 60_000 && row.requestBytesMax <= 131_072, name);
  }
});

test('every operation has one route of its own', () => {
  assert.equal(restRoutes.length, operationCatalogue.size);
  assert.equal(new Set(restRoutes.map(({ method, url }) => `${method} ${url}`)).size, restRoutes.length);
});

test('objects are closed: one field more is refused, and the place of a problem is named', () => {
  const { request } = operationChecker('key.rotate');
  assert.ok(request.check({ group: 'default', name: 'kms' }));
  assert.ok(!request.check({ group: 'default', name: 'kms', extra: 1 }));
  assert.equal(request.problemOf({ group: 'default', name: 'NOT A NAME' }), '/name');
});

test('no value whatever makes a check throw or coerce', () => {
  const all = [
    ...Object.values(checkers),
    ...[...operationCatalogue.keys()].flatMap((name) => Object.values(operationChecker(name))),
  ];
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), (anything) => {
      for (const checker of all) {
        const before = fc.stringify(anything);
        if (!checker.check(anything)) assert.ok(checker.problemOf(anything).startsWith('/'));
        assert.equal(fc.stringify(anything), before);
      }
    }),
    { numRuns: 50 },
  );
});

test('request ids are UUIDv7 and sort by time', () => {
  const ids = [1, 1_000, 2 ** 40].map((at) => newRequestId(at));
  assert.ok(ids.every(isRequestId));
  assert.deepEqual([...ids].sort(), ids);
  assert.ok(!isRequestId('00000000-0000-4000-8000-000000000000'));
});

test('a declared class decides what is logged, and an undeclared field is refused', () => {
  const projection = {
    plain: (value: unknown) => `plain ${String(value)}`,
    commit: (field: string) => `commit ${field}`,
    hmac: (field: string) => `hmac ${field}`,
  };
  const classes = { a: 'plain', b: 'commit', c: 'hmac', d: 'never' } as const;
  assert.deepEqual(projectFields(classes, { a: 1, b: 2, c: 3, d: 4 }, projection), {
    a: 'plain 1',
    b: 'commit b',
    c: 'hmac c',
  });
  assert.throws(() => projectFields(classes, { toString: 1 }, projection), TypeError);
});
