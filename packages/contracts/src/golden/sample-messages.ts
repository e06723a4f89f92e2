/** Samples of every message that crosses a process boundary. Recorded once for each release, they decode for ever. */
import { operationCatalogue } from '../catalogue.ts';
import type { Checker } from '../derived/checker.ts';
import { checkers, operationChecker } from '../derived/checkers.ts';
import type { SchemaShape } from '../generate/schema-shape.ts';
import * as contracts from '../index.ts';
import { branchesOf, sampleValue } from './sample-value.ts';

export interface GoldenMessage {
  /** Name of a checker, or `<operation> request` or `<operation> reply`. */
  readonly kind: string;
  readonly message: unknown;
}

/** Checker of every kind of message. */
export const messageKinds: ReadonlyMap<string, Checker<unknown>> = new Map([
  ...Object.entries(checkers),
  ...[...operationCatalogue.keys()].flatMap((name) => {
    const { request, reply } = operationChecker(name);
    return [
      [`${name} request`, request],
      [`${name} reply`, reply],
    ] as const;
  }),
]);

export function sampleMessages(): readonly GoldenMessage[] {
  return [
    ...Object.keys(checkers).flatMap((name) => samplesOf(name, wireSchema(name))),
    ...[...operationCatalogue].flatMap(([name, { request, reply }]) => [
      ...samplesOf(`${name} request`, request as SchemaShape),
      ...samplesOf(`${name} reply`, reply as SchemaShape),
    ]),
  ];
}

/** A checker is named as its schema, but for the case of the first letter. */
function wireSchema(checker: string): SchemaShape {
  const name = `${checker.charAt(0).toUpperCase()}${checker.slice(1)}`;
  const schema = (contracts as Readonly<Record<string, unknown>>)[name];
  if (schema === undefined) throw new TypeError(`no schema ${name}`);
  return schema as SchemaShape;
}

function samplesOf(kind: string, schema: SchemaShape): readonly GoldenMessage[] {
  const branches = Array.from({ length: branchesOf(schema) }, (_, branch) => branch);
  const messages = [false, true].flatMap((isFull) =>
    branches.map((branch) => JSON.stringify(sampleValue(schema, { isFull, branch }))),
  );
  return [...new Set(messages)].map((text) => ({ kind, message: JSON.parse(text) }));
}
