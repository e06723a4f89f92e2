/**
 * Compiled checks of schemas: pure predicates, no defaults, no coercion, no cleaning. Compiled at first use, because no
 * process needs all of them.
 */
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

export interface Checker<Value> {
  /** Never throws, whatever the value is. */
  check(value: unknown): value is Value;
  /** Place of the first problem as a JSON pointer, such as `/filter/from`; names fields, never values. */
  problemOf(value: unknown): string;
}

export function makeChecker<Schema extends TSchema, Value = Static<Schema>>(schema: Schema): Checker<Value> {
  let compiled: ReturnType<typeof Compile> | undefined;
  const validator = () => {
    compiled ??= Compile(schema) as ReturnType<typeof Compile>;
    return compiled;
  };
  return {
    check: (value): value is Value => validator().Check(value),
    problemOf: (value) => {
      const path = validator().Errors(value)[0]?.instancePath;
      return path === undefined || path === '' ? '/' : path;
    },
  };
}
