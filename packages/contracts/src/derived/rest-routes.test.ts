import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operationCatalogue } from '../catalogue.ts';
import type { RestRoute } from '../operation.ts';
import { deriveRoutes, type RoutedRow, restRoutes, transportRoutes } from './rest-routes.ts';

const row = (
  operation: RoutedRow['operation'],
  method: RestRoute['method'],
  path: string,
  requestFields = ['group', 'name'],
): RoutedRow => ({ operation, rest: { method, path }, requestFields });

test('every operation has one route, with the fields of its path', () => {
  assert.deepEqual(
    restRoutes.map(({ operation }) => operation),
    [...operationCatalogue.keys()],
  );
  assert.deepEqual(
    restRoutes.find(({ operation }) => operation === 'key.rotate'),
    {
      operation: 'key.rotate',
      method: 'POST',
      url: '/v1/keys/:group/:name/rotate',
      pathFields: ['group', 'name'],
    },
  );
});

test('a path field that no request has does not boot', () => {
  assert.throws(() => deriveRoutes([row('key.list', 'GET', '/v1/keys/{tenant}')]), /no request field tenant/);
});

test('a path that is none does not boot', () => {
  for (const path of ['v1/keys', '/v1/keys/', '/v1//keys', '/v1/:group', '/v1/{group', '/v1/a?b', '']) {
    assert.throws(() => deriveRoutes([row('key.list', 'GET', path)]), /not a path/, path);
  }
});

test('two routes that one request could mean do not boot', () => {
  const ambiguous: readonly (readonly [string, string])[] = [
    ['/v1/keys/{group}', '/v1/keys/{group}'],
    ['/v1/keys/{group}', '/v1/keys/{name}'],
    ['/v1/keys/list', '/v1/keys/{group}'],
    ['/v1/{group}/list', '/v1/keys/{name}'],
  ];
  for (const [one, other] of ambiguous) {
    const rows = [row('key.list', 'GET', one), row('key.describe', 'GET', other)];
    assert.throws(() => deriveRoutes(rows), /could be meant/, `${one} ${other}`);
    assert.throws(() => deriveRoutes(rows.toReversed()), /could be meant/);
  }
  assert.equal(deriveRoutes([row('key.list', 'GET', '/v1/a'), row('key.create', 'PUT', '/v1/a')]).length, 2);
});

test('no operation takes the place of the ways in for sealed messages', () => {
  for (const { method, path } of Object.values(transportRoutes)) {
    assert.throws(() => deriveRoutes([row('key.list', method, path)]), /could be meant/);
  }
});
