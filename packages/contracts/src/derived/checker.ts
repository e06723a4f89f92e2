/**
 * Compiled checks of schemas: pure predicates, no defaults, no coercion, no cleaning. Compiled at first use, because no
 * process needs all of them.
 */
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

export interface Checker<Value> {
  /** Never throws, whatever the value is. */
  check(value: unknown): value is Value;
  /**
   * Place of the first problem as a JSON pointer, such as `/filter/from`. It names places that the schema knows: a
   * property that does not belong there is reported as the object that holds it, because its name is the caller's.
   */
  problemOf(value: unknown): string;
}

interface Validator {
  Check(value: unknown): boolean;
  Errors(value: unknown): readonly { readonly keyword: string; readonly instancePath: string }[];
}

export function makeChecker<Schema extends TSchema, Value = Static<Schema>>(schema: Schema): Checker<Value> {
  let compiled: Validator | undefined;
  const validator = (): Validator => {
    compiled ??= Compile(schema) as unknown as Validator;
    return compiled;
  };
  return {
    check: (value): value is Value => validator().Check(value),
    problemOf: (value) => {
      // The keyword of a property that meets `additionalProperties: false` is that of the schema `false`.
      const known = validator()
        .Errors(value)
        .find(({ keyword }) => keyword !== 'boolean');
      return known === undefined || known.instancePath === '' ? '/' : known.instancePath;
    },
  };
}
