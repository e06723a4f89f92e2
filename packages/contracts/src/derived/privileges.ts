/** The privileges that there are: those that some operation asks for. A role or binding can name no other. */
import { operationCatalogue } from '../catalogue.ts';

/** Sorted, each once; several operations may ask for the same one. */
export const privileges: readonly string[] = Object.freeze(
  [...new Set([...operationCatalogue.values()].map((row) => row.privilege))].sort(),
);
