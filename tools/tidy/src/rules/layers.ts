import { type LayerRow, layeredPlaces, layerTable } from '../layers.ts';
import { ownPackage, type Rule, resolveImport, type Violation } from '../repository.ts';
import type { ImportFact, SourceFile } from '../source-file.ts';

const place = (file: SourceFile): string => file.workspace.split('/')[0] ?? '';

/** `ceremony-main.ts` is a main, `compose-handlers.ts` belongs to compose. */
function rowOf(layer: string): LayerRow | undefined {
  const exact = layerTable[layer];
  if (exact !== undefined) return exact;
  if (layer.endsWith('-main')) return layerTable['main'];
  return layer.startsWith('compose-') ? layerTable['compose'] : undefined;
}

export const layersHold: Rule = {
  title: 'each layer of a service imports only what its row of the import table names',
  check: ({ files }) =>
    files
      .filter((file) => !file.isTest && layeredPlaces.includes(place(file)) && file.layer !== undefined)
      .flatMap(checkFile),
};

function checkFile(file: SourceFile): Violation[] {
  const layer = file.layer ?? '';
  const row = rowOf(layer);
  const at = (line: number, what: string) => ({ path: file.path, line, what });
  if (row === undefined) return [at(1, `${layer} is no layer`)];
  return file.imports.flatMap((fact) => {
    const problem = refusal(file, row, fact);
    return problem === undefined ? [] : [at(fact.line, `${layer} imports ${problem}`)];
  });
}

function refusal(file: SourceFile, row: LayerRow, fact: ImportFact): string | undefined {
  const path = resolveImport(file, fact);
  if (path !== undefined) return relativeRefusal(file, row, fact, path);
  const own = ownPackage(fact.specifier);
  if (own !== undefined) {
    const isAllowed = row.packages === 'all' ? own !== 'testing' : row.packages.includes(own);
    return isAllowed ? undefined : fact.specifier;
  }
  return row.others === 'all' || row.others.includes(fact.specifier) ? undefined : fact.specifier;
}

function relativeRefusal(
  file: SourceFile,
  row: LayerRow,
  fact: ImportFact,
  path: string,
): string | undefined {
  const inside = `${file.workspace}/src/`;
  if (!path.startsWith(inside)) return `${path}, which is not of its own source`;
  const target = path.slice(inside.length).split('/')[0]?.replace(/\.ts$/, '') ?? '';
  if (row.layers.some((layer) => target === layer || target.startsWith(`${layer}-`))) return undefined;
  if (fact.isTypeOnly && (row.typesOf ?? []).includes(target)) return undefined;
  return target;
}

export const portsAreInterfaces: Rule = {
  title: 'ports are interfaces: nothing of them is left when types are stripped',
  check: ({ files }) =>
    files
      .filter((file) => !file.isTest && file.layer === 'ports' && layeredPlaces.includes(place(file)))
      .flatMap((file) => [
        ...file.imports
          .filter((fact) => !fact.isTypeOnly)
          .map(({ line, specifier }) => ({ path: file.path, line, what: `imports values of ${specifier}` })),
        ...file.runtimeStatements.map(({ line, name }) => ({ path: file.path, line, what: name })),
      ]),
};

const timers = new Set(['setTimeout', 'setInterval']);
const clocks = new Set(['Date.now', 'performance.now', 'process.hrtime']);
const chance = new Set(['Math.random']);
const randomSources = /^(random|generate|getRandomValues|webcrypto)/;

export const pureLayersArePure: Rule = {
  title: 'domain has no clock and no randomness, and neither domain nor app starts a timer',
  check: ({ files }) =>
    files
      .filter((file) => !file.isTest && layeredPlaces.includes(place(file)))
      .filter(({ layer }) => layer === 'domain' || layer === 'app')
      .flatMap((file) => {
        const at = ({ line, name }: { line: number; name: string }) => ({
          path: file.path,
          line,
          what: name,
        });
        const started = file.calls.filter(({ name }) => timers.has(name)).map(at);
        return file.layer === 'domain' ? [...started, ...impurities(file).map(at)] : started;
      }),
};

function impurities(file: SourceFile): { line: number; name: string }[] {
  return [
    ...file.members.filter(({ name }) => clocks.has(name) || chance.has(name)),
    ...file.bareConstructions.filter(({ name }) => name === 'Date'),
    ...file.imports
      .filter(({ specifier }) => specifier === 'node:crypto')
      .flatMap(({ names, line }) =>
        names.filter((name) => randomSources.test(name)).map((name) => ({ name, line })),
      ),
  ];
}

const composeLinesMax = 150;

export const composeIsShort: Rule = {
  title: `compose only plugs together, in at most ${composeLinesMax} lines a file`,
  check: ({ files }) =>
    files
      .filter(({ layer, isTest }) => !isTest && layer !== undefined && /^compose(-|$)/.test(layer))
      .filter(({ lineCount }) => lineCount > composeLinesMax)
      .map(({ path, lineCount }) => ({ path, line: composeLinesMax, what: `has ${lineCount} lines` })),
};
