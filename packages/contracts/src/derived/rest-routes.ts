/** REST routes, from the catalogue. Two rows on one route, or a path field that no request has, do not boot. */
import { type OperationName, operationCatalogue } from '../catalogue.ts';

export interface DerivedRoute {
  readonly operation: OperationName;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `:field` for each field in the path. */
  readonly url: string;
  readonly pathFields: readonly string[];
}

const field = /\{([A-Za-z]+)\}/g;

function deriveRoutes(): readonly DerivedRoute[] {
  const taken = new Map<string, OperationName>();
  return [...operationCatalogue].map(([operation, row]) => {
    const { method, path } = row.rest;
    const pathFields = [...path.matchAll(field)].map((match) => match[1] as string);
    for (const name of pathFields) {
      if (!Object.hasOwn(row.request.properties, name))
        throw new TypeError(`${operation}: no request field ${name}`);
    }
    const place = `${method} ${path.replaceAll(field, '{}')}`;
    const other = taken.get(place);
    if (other !== undefined) throw new TypeError(`${operation} and ${other} want ${place}`);
    taken.set(place, operation);
    return Object.freeze({ operation, method, url: path.replaceAll(field, ':$1'), pathFields });
  });
}

export const restRoutes: readonly DerivedRoute[] = Object.freeze(deriveRoutes());
