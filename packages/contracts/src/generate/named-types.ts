/** The names of schemas, from the exports of this package: one name in code, in OpenAPI and on the reference pages. */
import { operationCatalogue } from '../catalogue.ts';
import * as contracts from '../index.ts';
import type { OperationDescriptor } from '../operation.ts';
import { partsOf, type SchemaShape } from './schema-shape.ts';

const keyOf = (schema: SchemaShape): string => JSON.stringify(schema);

/**
 * By content, because `Type.Optional` copies. Requests and replies have the names of their operations instead: several
 * of them look the same, and only their operation tells them apart.
 */
const names: ReadonlyMap<string, string> = new Map(
  Object.entries(contracts as Readonly<Record<string, unknown>>)
    .filter(([name, value]) => isSchema(value) && !/(Request|Reply)$/.test(name))
    .map(([name, schema]) => [keyOf(schema as SchemaShape), name]),
);

function isSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '~kind');
}

export function nameOf(schema: SchemaShape): string | undefined {
  return names.get(keyOf(schema));
}

export interface OperationTypes {
  readonly request: string;
  readonly reply: string;
}

/** Names of the request and reply of a row. */
export function operationTypes({ name, request, reply }: OperationDescriptor): OperationTypes {
  const pascal = name.replaceAll(/(?:^|[.-])([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return {
    request: nameOf(request as SchemaShape) ?? `${pascal}Request`,
    reply: nameOf(reply as SchemaShape) ?? `${pascal}Reply`,
  };
}

/** Every named type that a request or reply of the catalogue holds, by name and sorted by it. */
export function typesInUse(): ReadonlyMap<string, SchemaShape> {
  const found = new Map<string, SchemaShape>();
  const visit = (schema: SchemaShape): void => {
    const name = nameOf(schema);
    if (name !== undefined) {
      if (found.has(name)) return;
      found.set(name, schema);
    }
    for (const [, part] of partsOf(schema)) visit(part);
  };
  for (const { request, reply } of operationCatalogue.values()) {
    visit(request as SchemaShape);
    visit(reply as SchemaShape);
  }
  visit(contracts.PendingApproval as SchemaShape);
  return new Map([...found].sort(([left], [right]) => (left < right ? -1 : 1)));
}
