import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operationCatalogue } from '../catalogue.ts';
import { openApi } from './open-api.ts';

interface Parameter {
  readonly in?: string;
  readonly name?: string;
}
interface Operation {
  readonly operationId: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, unknown>>;
}

const document = openApi('1.2.3') as {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);

/** Every value under `key`, wherever it stands. */
function valuesOf(node: unknown, key: string): readonly unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, part]) => [
    ...(name === key ? [part] : []),
    ...valuesOf(part, key),
  ]);
}

test('every operation has its route, and no other route is there', () => {
  const wanted = [...operationCatalogue].map(
    ([name, { rest }]) => `${name} ${rest.method.toLowerCase()} ${rest.path}`,
  );
  const found = operations.map(({ operationId, method, path }) => `${operationId} ${method} ${path}`);
  assert.deepEqual(found.toSorted(), wanted.toSorted());
});

test('every reference leads somewhere', () => {
  const references = new Set(valuesOf(document, '$ref') as readonly string[]);
  assert.ok(references.size > 50);
  for (const reference of references) {
    const target = reference
      .split('/')
      .slice(1)
      .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
    assert.equal(typeof target, 'object', reference);
  }
});

test('every component is used', () => {
  const { components } = document as unknown as { components: Record<string, Record<string, unknown>> };
  const references = new Set(valuesOf(document, '$ref'));
  for (const kind of ['schemas', 'parameters', 'headers', 'responses']) {
    for (const name of Object.keys(components[kind] ?? {})) {
      assert.ok(references.has(`#/components/${kind}/${name}`), `${kind}/${name}`);
    }
  }
});

test('the fields of a path are its parameters', () => {
  for (const { path, parameters } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const declared = parameters.filter((each) => each.in === 'path').map(({ name }) => name);
    assert.deepEqual(declared, named, path);
  }
});

test('only what a quorum may guard can answer that it waits, and what has no body asks for none', () => {
  for (const { operationId, method, requestBody, responses } of operations) {
    const row = operationCatalogue.get(operationId as never);
    assert.equal(Object.hasOwn(responses, '202'), row?.guardable, operationId);
    if (method === 'get' || method === 'delete') assert.equal(requestBody, undefined, operationId);
  }
});

test('schemas are closed, but for the problem, which may grow', () => {
  const { schemas } = (document as unknown as { components: { schemas: Record<string, unknown> } })
    .components;
  for (const [name, schema] of Object.entries(schemas)) {
    if (name === 'Problem') continue;
    const objects = JSON.stringify(schema).match(/"type":"object"/g)?.length ?? 0;
    const closed = JSON.stringify(schema).match(/"additionalProperties":false/g)?.length ?? 0;
    assert.equal(closed, objects, name);
  }
});
