import type { Rule, Violation } from '../repository.ts';
import type { SourceFile } from '../source-file.ts';

/** Where a process begins and ends. */
const isMain = ({ path }: SourceFile): boolean =>
  /(^|[/-])main\.ts$/.test(path) || /^apps\/[^/]+\/bin\//.test(path);

/** What runs before there is anything, and what only tests use: they have the environment as their interface. */
const exempt = /^(tools\/setup\/|tools\/gate\/|packages\/testing\/)/;

const edges = new Set(['process.env', 'process.exit', 'process.exitCode', 'process.argv', 'process.abort']);
const edgeNames = new Set(['env', 'exit', 'argv', 'abort']);

export const processEdgeIsMain: Rule = {
  title: 'environment, arguments and exit belong to the main files',
  check: ({ files }) =>
    files.filter((file) => !file.isTest && !isMain(file) && !exempt.test(file.path)).flatMap(uses),
};

function uses(file: SourceFile): Violation[] {
  const at = (line: number, what: string) => ({ path: file.path, line, what });
  return [
    ...file.members.filter(({ name }) => edges.has(name)).map(({ line, name }) => at(line, name)),
    ...file.imports
      .filter(({ specifier }) => specifier === 'node:process' || specifier === 'process')
      .flatMap(({ names, line }) =>
        names.filter((name) => edgeNames.has(name)).map((name) => at(line, name)),
      ),
  ];
}
