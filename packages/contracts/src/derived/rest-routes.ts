/**
 * REST routes, from the catalogue. Two routes that one request could mean, or a path field that no request has, do not
 * boot: a name that someone chooses, such as a secret called `list`, must never reach another operation.
 */
import { type OperationName, operationCatalogue } from '../catalogue.ts';
import type { RestRoute } from '../operation.ts';

export interface DerivedRoute {
  readonly operation: OperationName;
  readonly method: RestRoute['method'];
  /** `:field` for each field in the path. */
  readonly url: string;
  /** Request fields that come from the path; all others come from the JSON body. */
  readonly pathFields: readonly string[];
}

/** What the gateway serves beside the catalogue: the ways in for sealed messages. */
export const transportRoutes = Object.freeze({
  sealed: { method: 'POST', path: '/v1/sealed' },
  sealingKeys: { method: 'GET', path: '/v1/sealing-keys' },
} as const satisfies Record<string, RestRoute>);

/** A row as far as it concerns routes. */
export interface RoutedRow {
  readonly operation: OperationName;
  readonly rest: RestRoute;
  readonly requestFields: readonly string[];
}

const pathField = /\{([A-Za-z]+)\}/g;
const pathForm = /^(\/([a-z0-9-]+|\{[A-Za-z]+\}))+$/;

/** Throws `TypeError` for a table that must not boot. */
export function deriveRoutes(rows: readonly RoutedRow[]): readonly DerivedRoute[] {
  const taken: { readonly by: string; readonly rest: RestRoute }[] = Object.entries(transportRoutes).map(
    ([by, rest]) => ({ by, rest }),
  );
  return rows.map(({ operation, rest, requestFields }) => {
    if (!pathForm.test(rest.path)) throw new TypeError(`${operation}: not a path: ${rest.path}`);
    const pathFields = [...rest.path.matchAll(pathField)].map((match) => match[1] as string);
    const unknown = pathFields.find((name) => !requestFields.includes(name));
    if (unknown !== undefined) throw new TypeError(`${operation}: no request field ${unknown}`);
    const other = taken.find((each) => isAmbiguous(each.rest, rest));
    if (other !== undefined)
      throw new TypeError(`${operation} and ${other.by} could be meant by one request`);
    taken.push({ by: operation, rest });
    const url = rest.path.replaceAll(pathField, ':$1');
    return Object.freeze({ operation, method: rest.method, url, pathFields });
  });
}

function isAmbiguous(left: RestRoute, right: RestRoute): boolean {
  const [these, those] = [left.path.split('/'), right.path.split('/')];
  if (left.method !== right.method || these.length !== those.length) return false;
  return these.every((segment, place) => {
    const other = those[place] as string;
    return segment === other || segment.startsWith('{') || other.startsWith('{');
  });
}

export const restRoutes: readonly DerivedRoute[] = Object.freeze(
  deriveRoutes(
    [...operationCatalogue].map(([operation, { rest, request }]) => ({
      operation,
      rest,
      requestFields: Object.keys(request.properties),
    })),
  ),
);
