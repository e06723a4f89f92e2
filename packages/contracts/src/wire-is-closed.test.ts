/** The wire is closed: what a schema does not name and bound does not come in. A guard, so it is proven on offenders. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TSchema, Type } from 'typebox';
import { partsOf, type SchemaShape } from './generate/schema-shape.ts';
import * as contracts from './index.ts';

function openPlaces(schema: SchemaShape, place: string): readonly string[] {
  return [
    ...(isOpen(schema) ? [place] : []),
    ...partsOf(schema).flatMap(([below, part]) => openPlaces(part, place + below)),
  ];
}

function isOpen(schema: SchemaShape): boolean {
  if (schema.const !== undefined || schema.anyOf !== undefined) return false;
  switch (schema.type) {
    case 'object':
      return (
        schema.additionalProperties !== false ||
        (schema.patternProperties !== undefined && schema.maxProperties === undefined)
      );
    case 'array':
      return schema.maxItems === undefined;
    case 'string':
      return schema.maxLength === undefined;
    case 'integer':
      return !Number.isSafeInteger(schema.minimum) || !Number.isSafeInteger(schema.maximum);
    case 'boolean':
      return false;
    default:
      return true;
  }
}

const schemas = Object.entries(contracts as Readonly<Record<string, unknown>>).filter(
  (named): named is [string, TSchema] =>
    typeof named[1] === 'object' && named[1] !== null && Object.hasOwn(named[1], '~kind'),
);

test('every schema that this package exports is closed and bounded', () => {
  assert.ok(schemas.length > 80);
  const open = schemas.flatMap(([name, schema]) => openPlaces(schema as SchemaShape, name));
  // What these hold is checked against the row of the operation, which the message names.
  assert.deepEqual(open, [
    'ItemProof.request.*',
    'ItemProof.result.*',
    'OperationMessage.params.*',
    'ReplyMessage|0.result',
  ]);
});

test('the guard sees every way to be open', () => {
  const offenders: Record<string, TSchema> = {
    object: Type.Object({}),
    record: Type.Record(Type.String(), Type.Boolean()),
    unboundedRecord: Type.Record(Type.String(), Type.Boolean(), { additionalProperties: false }),
    array: Type.Array(Type.Boolean()),
    string: Type.String({ pattern: '^a*$' }),
    integer: Type.Integer({ minimum: 0 }),
    number: Type.Number({ minimum: 0, maximum: 1 }),
    unknown: Type.Unknown(),
    null: Type.Null(),
    nested: Type.Array(Type.Union([Type.Literal('a'), Type.Object({})]), { maxItems: 1 }),
  };
  for (const [name, schema] of Object.entries(offenders)) {
    assert.equal(openPlaces(schema as SchemaShape, name).length, 1, name);
  }
});

test('nothing has a default: what was not sent is not there', () => {
  const withDefault = schemas.filter(([, schema]) => JSON.stringify(schema).includes('"default":'));
  assert.deepEqual(withDefault, []);
});
