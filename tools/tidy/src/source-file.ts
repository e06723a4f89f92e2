/**
 * What the rules need to know of one file, read from its syntax tree: never from its text, where a word in a string or
 * a comment looks like code.
 */
import { type Comment, parseSync } from 'oxc-parser';
import { type CodeFacts, collectFacts } from './code-facts.ts';

export interface ImportFact {
  readonly specifier: string;
  /** What is taken by name; `*` for all of it. */
  readonly names: readonly string[];
  /** Gone when the types are stripped. */
  readonly isTypeOnly: boolean;
  readonly line: number;
}

export interface SourceFile extends CodeFacts {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  /** `packages/bus`; the first folder alone where there is no package, as in `test`. */
  readonly workspace: string;
  /** The folder or file below `src` that says what a file of a service may do: `domain`, `compose`, … */
  readonly layer: string | undefined;
  /** Tests, and the doubles and contract suites that only tests use. */
  readonly isTest: boolean;
  readonly lineCount: number;
  readonly imports: readonly ImportFact[];
  readonly defaultExportLines: readonly number[];
  readonly comments: readonly { readonly text: string; readonly line: number }[];
}

export function parseSourceFile(path: string, text: string): SourceFile {
  const { program, module, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message}`);
  const lineOf = makeLineFinder(text);
  const [top = '', folder = ''] = path.split('/');
  const belowSource = path.split('/src/')[1];
  return {
    path,
    workspace: path.split('/').length > 2 && top !== 'test' ? `${top}/${folder}` : top,
    layer: belowSource?.split('/')[0]?.replace(/\.ts$/, ''),
    isTest:
      /\.test\.(ts|mjs)$|(^|\/)test\/|\/testing\//.test(path) && !path.startsWith('packages/testing/src'),
    lineCount: text.trimEnd().split('\n').length,
    imports: [
      ...module.staticImports.map(({ moduleRequest, entries, start }) => ({
        specifier: moduleRequest.value,
        names: entries.map(
          ({ importName }) => importName.name ?? (importName.kind === 'Default' ? 'default' : '*'),
        ),
        isTypeOnly: entries.length > 0 && entries.every(({ isType }) => isType),
        line: lineOf(start),
      })),
      ...readReexports(module.staticExports, lineOf),
      ...module.dynamicImports.flatMap(({ moduleRequest, start }) => {
        const quoted = /^(['"`])(.*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end));
        return quoted?.[2] === undefined
          ? []
          : [{ specifier: quoted[2], names: ['*'], isTypeOnly: false, line: lineOf(start) }];
      }),
    ],
    defaultExportLines: module.staticExports.flatMap(({ entries }) =>
      entries
        .filter(({ exportName: { kind, name } }) => kind === 'Default' || name === 'default')
        .map(({ start }) => lineOf(start)),
    ),
    comments: comments.map((comment: Comment) => ({ text: comment.value, line: lineOf(comment.start) })),
    ...collectFacts(program, lineOf),
  };
}

type StaticExports = ReturnType<typeof parseSync>['module']['staticExports'];

/** `export … from` is an import too. */
function readReexports(exports: StaticExports, lineOf: (offset: number) => number): ImportFact[] {
  return exports.flatMap(({ entries, start }) => {
    const [first] = entries;
    if (first?.moduleRequest === null || first === undefined) return [];
    return [
      {
        specifier: first.moduleRequest.value,
        names: entries.map(({ importName }) => importName.name ?? '*'),
        isTypeOnly: entries.every(({ isType }) => isType),
        line: lineOf(start),
      },
    ];
  });
}

function makeLineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
