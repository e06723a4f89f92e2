/** Our schemas as JSON Schema 2020-12, which OpenAPI 3.1 takes: the keywords as they are, named types by reference. */
import * as fields from '../fields.ts';
import { nameOf } from './named-types.ts';
import type { SchemaShape } from './schema-shape.ts';

export type Json = unknown;

export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

/** `isInside`: a named type is spelt out where it is defined itself, and referred to everywhere else. */
export function toJsonSchema(schema: SchemaShape, isInside = true): Json {
  const name = isInside ? nameOf(schema) : undefined;
  if (name !== undefined) return ref(name);
  const { anyOf, properties, patternProperties, items, ...keywords } = schema;
  return {
    ...JSON.parse(JSON.stringify(keywords)),
    ...formats.get(schema.pattern),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((part) => toJsonSchema(part)) }),
    ...(properties === undefined ? {} : { properties: mapValues(properties) }),
    ...(patternProperties === undefined ? {} : { patternProperties: mapValues(patternProperties) }),
    ...(items === undefined ? {} : { items: toJsonSchema(items) }),
  };
}

const mapValues = (parts: Readonly<Record<string, SchemaShape>>): Json =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, toJsonSchema(part)]));

const formats: ReadonlyMap<string | undefined, object> = new Map(
  (
    [
      [fields.RequestId, { format: 'uuid' }],
      [fields.Timestamp, { format: 'date-time' }],
      [fields.Bytes(1), { contentEncoding: 'base64url' }],
      [fields.Bytes32, { contentEncoding: 'base64url' }],
      [fields.Signature, { contentEncoding: 'base64url' }],
    ] as const
  ).map(([schema, format]) => [(schema as SchemaShape).pattern, format]),
);
