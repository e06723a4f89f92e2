/** Everything below `docs/reference`, by file name. One fact has one home: these pages are made, never written. */
import { busPage } from './bus-page.ts';
import { errorsPage } from './errors-page.ts';
import { openApi } from './open-api.ts';
import { operationsPage } from './operations-page.ts';
import { privilegesPage } from './privileges-page.ts';

export function referenceFiles(version: string): ReadonlyMap<string, string> {
  return new Map([
    ['bus.md', busPage()],
    ['errors.md', errorsPage()],
    ['openapi.json', `${JSON.stringify(openApi(version), undefined, 2)}\n`],
    ['operations.md', operationsPage()],
    ['privileges.md', privilegesPage()],
  ]);
}

/** Files that are not what they should be: changed, missing, or made by nobody any more. */
export function staleFiles(
  wanted: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): readonly string[] {
  const names = new Set([...wanted.keys(), ...found.keys()]);
  return [...names].filter((name) => wanted.get(name) !== found.get(name)).sort();
}
