/** All that the rules look at: the files of the repository, or of an offender that a test makes up. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { type ImportFact, parseSourceFile, type SourceFile } from './source-file.ts';

export interface Manifest {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

export interface Repository {
  readonly files: readonly SourceFile[];
  /** By folder: `packages/bus`; `.` for the root. */
  readonly manifests: ReadonlyMap<string, Manifest>;
  /** Every other file that a rule asks for, by path; `undefined` when there is none. */
  readonly read: (path: string) => string | undefined;
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

export interface Rule {
  /** As a sentence that is true of the repository. */
  readonly title: string;
  readonly check: (repository: Repository) => readonly Violation[];
}

const root = join(import.meta.dirname, '..', '..', '..');
const places = ['packages', 'services', 'kubernetes', 'apps', 'tools', 'test'];

let whole: Repository | undefined;

/** The repository that this file belongs to, read once. */
export function thisRepository(): Repository {
  whole ??= loadRepository();
  return whole;
}

function loadRepository(): Repository {
  const find = (patterns: string[]) =>
    globSync(patterns, { cwd: root, exclude: (name) => name === 'node_modules' }).sort();
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  return {
    files: find(places.map((place) => `${place}/**/*.{ts,mjs}`)).map((path) =>
      parseSourceFile(path, read(path)),
    ),
    manifests: new Map(
      [
        'package.json',
        ...find(['test/package.json', ...places.map((place) => `${place}/*/package.json`)]),
      ].map((path) => [dirname(path), readManifest(read(path))]),
    ),
    read: (path) => (globSync(path, { cwd: root }).length > 0 ? read(path) : undefined),
  };
}

/** A repository of these files alone; `package.json` files among them become manifests. */
export function madeUpRepository(texts: Readonly<Record<string, string>>): Repository {
  const paths = Object.keys(texts);
  return {
    files: paths
      .filter((path) => /\.(ts|mjs)$/.test(path))
      .map((path) => parseSourceFile(path, texts[path] ?? '')),
    manifests: new Map(
      paths
        .filter((path) => path.endsWith('package.json'))
        .map((path) => [dirname(path), readManifest(texts[path] ?? '{}')]),
    ),
    read: (path) => texts[path],
  };
}

function readManifest(text: string): Manifest {
  const { name, dependencies, devDependencies, optionalDependencies } = JSON.parse(text);
  return { name, dependencies: { ...dependencies, ...devDependencies, ...optionalDependencies } };
}

/** The path that a relative import names. */
export function resolveImport(file: SourceFile, { specifier }: ImportFact): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file.path), specifier) : undefined;
}

/** `bus` of `@strongroom/bus` and of what is below it. */
export function ownPackage(specifier: string): string | undefined {
  return /^@strongroom\/([^/]+)/.exec(specifier)?.[1];
}
