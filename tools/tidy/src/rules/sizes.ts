import type { Repository, Rule } from '../repository.ts';
import type { SourceFile } from '../source-file.ts';

const sourceLinesMax = 250;
const testLinesMax = 400;

/** Longer than a file should be and shorter than they would be as two: a table, and what auditors read as one file. */
const whole: readonly string[] = ['packages/errors/src/catalogue.ts', 'apps/cli/bin/verify-bundle.mjs'];

const linesMaxOf = ({ isTest }: SourceFile): number => (isTest ? testLinesMax : sourceLinesMax);

export const filesAreShort: Rule = {
  title: `no file has more than ${sourceLinesMax} lines, no test more than ${testLinesMax}`,
  check: ({ files }) =>
    files
      .filter((file) => file.lineCount > linesMaxOf(file) && !whole.includes(file.path))
      .map((file) => ({ path: file.path, line: linesMaxOf(file), what: `has ${file.lineCount} lines` })),
};

const screenLines = 60;
const medianOf = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? 0;

/** How long files and functions are: nothing fails by it, people look at it. */
export function sizeReport({ files }: Repository): string[] {
  const sources = files.filter(({ isTest }) => !isTest);
  const lengths = sources.map(({ lineCount }) => lineCount).sort((left, right) => left - right);
  const long = sources
    .flatMap(({ path, functions }) => functions.map((fact) => ({ path, ...fact })))
    .filter(({ lineCount }) => lineCount > screenLines)
    .sort((left, right) => right.lineCount - left.lineCount);
  return [
    `${sources.length} source files, median ${medianOf(lengths)} lines, longest ${lengths.at(-1) ?? 0}`,
    `${long.length} functions do not fit a screen of ${screenLines} lines`,
    ...long.map(({ path, line, name, lineCount }) => `  ${lineCount} lines: ${name} (${path}:${line})`),
  ];
}
