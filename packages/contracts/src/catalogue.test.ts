/** What the types of a row can not say, checked for every row. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOperation, findOperation, type OperationName, operationCatalogue } from './catalogue.ts';
import { privileges } from './derived/privileges.ts';
import { partsOf, type SchemaShape } from './generate/schema-shape.ts';
import type { OperationDescriptor } from './operation.ts';
import { requestLifetimeMsMax } from './wire/message.ts';

const rows = [...operationCatalogue.values()];
const fieldsOf = (schema: unknown) => Object.keys((schema as SchemaShape).properties ?? {}).sort();

function forEachRow(rule: string, check: (row: OperationDescriptor) => void) {
  test(rule, () => {
    for (const row of rows) {
      try {
        check(row);
      } catch (error) {
        throw new assert.AssertionError({ message: `${row.name}: ${(error as Error).message}` });
      }
    }
  });
}

/** Names of every field anywhere inside. */
function namesIn(schema: SchemaShape): readonly string[] {
  return [...Object.keys(schema.properties ?? {}), ...partsOf(schema).flatMap(([, part]) => namesIn(part))];
}

forEachRow('a name is area and verb, and the summary one sentence', ({ name, summary, since }) => {
  assert.match(name, /^[a-z]+\.[a-z]+(-[a-z]+)*$/);
  assert.match(summary, /^[A-Z][^\n]*\.$/);
  assert.match(since, /^\d+\.\d+\.\d+$/);
});

test('every name of the table leads to its own row, and nothing else does', () => {
  for (const [name, row] of operationCatalogue) {
    assert.equal(row.name, name);
    assert.equal(describeOperation(name), row);
  }
  for (const name of ['', 'constructor', '__proto__', 'key', 'KEY.ROTATE']) {
    assert.equal(findOperation(name), undefined);
    assert.throws(() => describeOperation(name as OperationName), TypeError);
  }
});

test('a row cannot be changed', () => {
  for (const row of rows) assert.ok(Object.isFrozen(row), row.name);
});

forEachRow(
  'every field of request and reply has an audit class, and no other has',
  ({ request, reply, audit }) => {
    assert.deepEqual(Object.keys(audit.request).sort(), fieldsOf(request));
    assert.deepEqual(Object.keys(audit.reply).sort(), fieldsOf(reply));
  },
);

/** Fields that hold a value which must never be in the log, wherever they stand. */
const valueFields = ['plaintext', 'value', 'apiKey', 'token', 'signature', 'keyMaterial', 'mac', 'seed'];

forEachRow('a field with a secret value inside is never logged', ({ name, request, reply, audit }) => {
  for (const [schema, classes] of [
    [request, audit.request],
    [reply, audit.reply],
  ] as const) {
    for (const [field, part] of Object.entries((schema as SchemaShape).properties ?? {})) {
      const holds = [field, ...namesIn(part)].filter((inner) => valueFields.includes(inner));
      // A vote is evidence: its signature is meant to be seen.
      const expected = name === 'proposal.vote' && field === 'vote' ? [] : holds;
      if (expected.length > 0) {
        assert.equal((classes as Record<string, string>)[field], 'never', `${field} holds ${expected}`);
      }
    }
  }
});

forEachRow('a quorum guards only changes whose reply may pass through carriers', (row) => {
  if (!row.guardable) return;
  assert.ok(row.mutates);
  const holds = namesIn(row.reply as SchemaShape).filter((inner) => valueFields.includes(inner));
  assert.deepEqual(holds, []);
});

forEachRow(
  'the fields that name the object are plain, needed fields of the request',
  ({ object, request, audit }) => {
    for (const field of [object.group, object.name]) {
      if (field === undefined) continue;
      assert.ok((request as SchemaShape).required?.includes(field), field);
      assert.equal((audit.request as Record<string, string>)[field], 'plain', field);
    }
    if (object.group !== undefined) assert.ok(['key', 'secret'].includes(object.kind));
  },
);

forEachRow('only machines use keys, and they do it on the data path', ({ name, actors, class: path }) => {
  const usesKeys = name.startsWith('kms.') || name.startsWith('crypto.');
  assert.equal(actors, usesKeys ? 'machines' : 'any');
  if (usesKeys) assert.equal(path, 'crypto');
});

forEachRow('a caller waits at most as long as a request may live', ({ deadlineMs }) => {
  assert.ok(deadlineMs > 0 && deadlineMs <= requestLifetimeMsMax);
});

forEachRow('only a secret value may be larger than a batch', ({ name, requestBytesMax }) => {
  const bytesMax = name === 'secret.write' ? 1_408_000 : 917_504;
  assert.ok(requestBytesMax > 0 && requestBytesMax <= bytesMax);
});

forEachRow('a request with no body says everything in its path', ({ rest, request }) => {
  if (rest.method === 'POST' || rest.method === 'PUT') return;
  assert.deepEqual(fieldsOf(request), [...rest.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort());
});

test('privileges belong to the area of their operations and are listed once', () => {
  for (const { name, privilege } of rows) {
    assert.equal(privilege.split('.')[0], name.split('.')[0]);
    assert.ok(privileges.includes(privilege));
  }
  assert.equal(new Set(privileges).size, privileges.length);
  assert.ok(privileges.every((privilege) => rows.some((row) => row.privilege === privilege)));
});

/** Longest canonical JSON of a value that fits; what no pattern confines may be all escapes (`\u0000`). */
function charactersMax(schema: SchemaShape): number {
  if (schema.const !== undefined) return JSON.stringify(schema.const).length;
  if (schema.anyOf !== undefined) return Math.max(...schema.anyOf.map(charactersMax));
  switch (schema.type) {
    case 'string':
      return (schema.maxLength as number) * (schema.pattern === undefined ? 6 : 1) + 2;
    case 'integer':
      return Math.max(String(schema.minimum).length, String(schema.maximum).length);
    case 'boolean':
      return 5;
    case 'array':
      return (schema.maxItems as number) * (charactersMax(schema.items as SchemaShape) + 1) + 2;
    case 'object':
      return Object.entries(schema.properties ?? {}).reduce(
        (sum, [field, part]) => sum + field.length + 4 + charactersMax(part),
        2,
      );
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** A C2SP entry bundle has a length of 16 bits for each entry (reference/audit.md); the rest of an entry needs its share. */
const entryCharactersMax = 65_535 - 8_192;
const entryFieldCharactersMax = 16_384;
const hashCharacters = 60;

forEachRow('whatever fits the schemas fits into one entry of the log', ({ request, reply, audit }) => {
  let sum = 0;
  for (const [schema, classes] of [
    [request, audit.request],
    [reply, audit.reply],
  ] as const) {
    for (const [field, part] of Object.entries((schema as SchemaShape).properties ?? {})) {
      const fieldClass = (classes as Record<string, string>)[field];
      if (fieldClass === 'never') continue;
      const characters = fieldClass === 'plain' ? charactersMax(part) : hashCharacters;
      assert.ok(characters <= entryFieldCharactersMax, `${field}: ${characters}`);
      // Texts of texts: each quote and backslash of the inner JSON is escaped once more.
      sum += characters * 2;
    }
  }
  assert.ok(sum <= entryCharactersMax, `all fields: ${sum}`);
});
