/**
 * Which tests run together. The quick ones come first and side by side; what starts real servers shares two cores with
 * them and runs in smaller company; whole stacks run alone, since their tests measure time.
 */
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';

export interface TestPhase {
  readonly name: string;
  readonly files: readonly string[];
  /** Test files at once. */
  readonly concurrency: number;
  /** For one test, hooks included. */
  readonly testMsMax: number;
  /** For the whole phase: a file whose process does not end would otherwise hold it for ever. */
  readonly phaseMsMax: number;
}

const places = ['packages', 'services', 'kubernetes', 'apps', 'tools', 'test'];
const minuteMs = 60_000;

const rows = [
  {
    name: 'unit',
    pattern: /./,
    concurrency: Math.max(2, availableParallelism()),
    testMsMax: minuteMs,
    phaseMsMax: 15 * minuteMs,
  },
  {
    name: 'integration',
    pattern: /\/test\/(integration|component|fault)\//,
    concurrency: 2,
    testMsMax: 2 * minuteMs,
    phaseMsMax: 20 * minuteMs,
  },
  {
    name: 'system',
    pattern: /^test\/|\/test\/system\//,
    concurrency: 1,
    testMsMax: 5 * minuteMs,
    phaseMsMax: 40 * minuteMs,
  },
] as const;

/** The last phase whose pattern a file fits; without one it is a unit test. */
export function phaseOf(file: string): (typeof rows)[number]['name'] {
  return rows.findLast(({ pattern }) => pattern.test(file))?.name ?? 'unit';
}

/** Every test file of the repository, as paths from its root. */
export function findTestFiles(root: string): string[] {
  return globSync(
    places.map((place) => `${place}/**/*.test.{ts,mjs}`),
    { cwd: root, exclude: (name) => name === 'node_modules' },
  ).sort();
}

/** `wanted`: paths or beginnings of paths; none of them means everything. */
export function testPhases(files: readonly string[], wanted: readonly string[]): TestPhase[] {
  const chosen = files.filter(
    (file) => wanted.length === 0 || wanted.some((path) => file.startsWith(path.replace(/^\.\//, ''))),
  );
  return rows
    .map(({ pattern: _, ...row }) => ({ ...row, files: chosen.filter((file) => phaseOf(file) === row.name) }))
    .filter((phase) => phase.files.length > 0);
}
