/** What a field takes, in words, for the reference pages. */
import * as fields from '../fields.ts';
import { code } from './markdown.ts';
import { nameOf } from './named-types.ts';
import type { SchemaShape } from './schema-shape.ts';

const wordsOfPattern: ReadonlyMap<string | undefined, string> = new Map(
  (
    [
      [fields.Name, 'name'],
      [fields.PrincipalId, 'principal id'],
      [fields.Privilege, 'privilege'],
      [fields.RequestId, 'request id (UUIDv7)'],
      [fields.Timestamp, 'time'],
      [fields.Bytes32, '32 bytes'],
      [fields.Signature, '64 bytes'],
      [fields.Cursor, 'cursor'],
      [fields.Ciphertext, 'ciphertext, `sr1.<key id>.<version>.<form>.<payload>`'],
    ] as const
  ).map(([schema, words]) => [(schema as SchemaShape).pattern, words]),
);
const bytesPattern = (fields.Bytes(1) as SchemaShape).pattern;

/** `isInside`: a named type is spelt out where it is described itself, and named everywhere else. */
export function fieldWords(schema: SchemaShape, isInside = true): string {
  const name = isInside ? nameOf(schema) : undefined;
  if (name !== undefined) return code(name);
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.anyOf !== undefined) return schema.anyOf.map((part) => fieldWords(part)).join(' or ');
  switch (schema.type) {
    case 'string':
      return textWords(schema);
    case 'integer':
      return integerWords(schema);
    case 'boolean':
      return `${code('true')} or ${code('false')}`;
    case 'array':
      return `list of ${between(schema.minItems ?? 0, schema.maxItems ?? 0)}: ${fieldWords(schema.items as SchemaShape)}`;
    case 'object':
      return objectWords(schema);
    default:
      return 'any value';
  }
}

function textWords(schema: SchemaShape): string {
  const { pattern, minLength = 0, maxLength = 0 } = schema;
  if (pattern === bytesPattern) {
    // The reverse of `Bytes`: four characters for three octets, rounded up.
    const [least, most] = [minLength, maxLength].map((characters) => Math.floor((characters * 3) / 4));
    return least === most ? `${most} bytes` : `${between(least ?? 0, most ?? 0)} bytes`;
  }
  return wordsOfPattern.get(pattern) ?? `text of ${between(minLength, maxLength)} characters`;
}

/** The largest numbers are only there because the wire is bounded. */
function integerWords({ minimum = 0, maximum = 0 }: SchemaShape): string {
  return maximum >= 2 ** 31 - 1 ? `integer from ${minimum}` : `integer from ${minimum} to ${maximum}`;
}

function objectWords(schema: SchemaShape): string {
  if (schema.patternProperties !== undefined) {
    const [part] = Object.values(schema.patternProperties);
    return `map from field names to ${fieldWords(part as SchemaShape)}`;
  }
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, part]) => `${code(isNeeded(schema, name) ? name : `${name}?`)} ${fieldWords(part)}`,
  );
  return `{ ${members.join(', ')} }`;
}

export function isNeeded(schema: SchemaShape, field: string): boolean {
  return schema.required?.includes(field) ?? false;
}

const between = (least: number, most: number): string =>
  least === 0 ? `at most ${most}` : `${least} to ${most}`;
