import { ownPackage, type Rule, resolveImport } from '../repository.ts';

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Every cycle that a depth-first walk closes, as the path around it. */
export function findCycles(graph: Graph): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const walk = (node: string) => {
    const at = trail.indexOf(node);
    if (at >= 0) {
      cycles.push([...trail.slice(at), node]);
      return;
    }
    if (done.has(node)) return;
    trail.push(node);
    for (const next of graph.get(node) ?? []) walk(next);
    trail.pop();
    done.add(node);
  };
  for (const node of graph.keys()) walk(node);
  return cycles;
}

/** Types are not counted: they are gone before anything is loaded. */
export const filesFormNoCycle: Rule = {
  title: 'no file imports itself over others',
  check: ({ files }) => {
    const graph = new Map(
      files.map((file) => [
        file.path,
        new Set(file.imports.flatMap((fact) => (fact.isTypeOnly ? [] : (resolveImport(file, fact) ?? [])))),
      ]),
    );
    return findCycles(graph).map((cycle) => ({ path: cycle[0] ?? '', line: 1, what: cycle.join(' → ') }));
  },
};

/** Counted with types, and as the manifests say it; tests may use `testing`, which may use everything. */
export const packagesFormNoCycle: Rule = {
  title: 'no package depends on itself over others',
  check: ({ files, manifests }) => {
    const graph = new Map<string, Set<string>>();
    for (const { name } of manifests.values()) graph.set(name, new Set());
    for (const file of files) {
      const name = manifests.get(file.workspace)?.name;
      if (name === undefined || file.isTest) continue;
      for (const { specifier } of file.imports) {
        const target = ownPackage(specifier);
        if (target !== undefined && `@strongroom/${target}` !== name)
          graph.get(name)?.add(`@strongroom/${target}`);
      }
    }
    return findCycles(graph).map((cycle) => ({ path: cycle[0] ?? '', line: 1, what: cycle.join(' → ') }));
  },
};
