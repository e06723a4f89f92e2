/** TypeBox schemas are JSON Schema objects; this is the part of JSON Schema that ours use. */

export interface SchemaShape {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly const?: string | number | boolean;
  readonly anyOf?: readonly SchemaShape[];
  readonly properties?: Readonly<Record<string, SchemaShape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  readonly patternProperties?: Readonly<Record<string, SchemaShape>>;
  readonly maxProperties?: number;
  readonly items?: SchemaShape;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What is directly inside of a schema, each with its place. */
export function partsOf(schema: SchemaShape): readonly (readonly [place: string, part: SchemaShape])[] {
  return [
    ...(schema.anyOf ?? []).map((part, place) => [`|${place}`, part] as const),
    ...Object.entries(schema.properties ?? {}).map(([name, part]) => [`.${name}`, part] as const),
    ...Object.entries(schema.patternProperties ?? {}).map(([, part]) => ['.*', part] as const),
    ...(schema.items === undefined ? [] : [['[]', schema.items] as const]),
  ];
}
