import { packageTable, participants } from '../layers.ts';
import { ownPackage, type Repository, type Rule, resolveImport, type Violation } from '../repository.ts';
import type { ImportFact, SourceFile } from '../source-file.ts';

const forEachImport = (
  { files }: Repository,
  problemOf: (file: SourceFile, fact: ImportFact) => string | undefined,
): Violation[] =>
  files.flatMap((file) =>
    file.imports.flatMap((fact) => {
      const what = problemOf(file, fact);
      return what === undefined ? [] : [{ path: file.path, line: fact.line, what }];
    }),
  );

const packageName = (file: SourceFile): string | undefined => /^packages\/(.+)$/.exec(file.workspace)?.[1];

export const packagesHold: Rule = {
  title: 'each package imports only the packages that its row of the import table names',
  check: (repository) =>
    forEachImport(repository, (file, { specifier }) => {
      const name = packageName(file);
      const target = ownPackage(specifier);
      if (name === undefined || target === undefined || file.isTest || target === name) return undefined;
      const row = packageTable[name];
      if (row === undefined) return `${name} has no row`;
      return row.includes(target) ? undefined : `${name} imports ${target}`;
    }),
};

/** Names of the workspaces that nobody imports. */
const participantNames = ({ manifests }: Repository): ReadonlySet<string> =>
  new Set(
    [...manifests]
      .filter(([folder]) => participants.includes(folder.split('/')[0] ?? ''))
      .map(([, { name }]) => name),
  );

export const participantsStayApart: Rule = {
  title: 'no service, plugin or app is imported by another workspace',
  check: (repository) => {
    const names = participantNames(repository);
    return forEachImport(repository, (file, fact) => {
      const path = resolveImport(file, fact);
      if (path === undefined) {
        const [scope, name] = fact.specifier.split('/');
        return names.has(`${scope}/${name}`) ? `imports ${fact.specifier}` : undefined;
      }
      const isOutside = file.workspace !== 'test' && !path.startsWith(`${file.workspace}/`);
      return isOutside ? `imports ${path} of another workspace` : undefined;
    });
  },
};

export const sourceIsFreeOfTesting: Rule = {
  title: 'nothing that ships imports testing',
  check: (repository) =>
    forEachImport(repository, (file, fact) => {
      if (file.isTest || !/^(packages|services|kubernetes|apps)\//.test(file.workspace)) return undefined;
      if (file.workspace === 'packages/testing') return undefined;
      const path = resolveImport(file, fact) ?? '';
      const isTesting =
        ownPackage(fact.specifier) === 'testing' || /\/(testing|test)\/|\.test\.ts$/.test(path);
      return isTesting ? `imports ${fact.specifier}` : undefined;
    }),
};

const servers = new Set([
  'node:http',
  'node:https',
  'node:http2',
  'http',
  'https',
  'http2',
  'fastify',
  '@grpc/grpc-js',
]);

export const workerCarriesNoServer: Rule = {
  title: 'the crypto worker carries no HTTP server',
  check: (repository) =>
    forEachImport(repository, (file, { specifier, names, isTypeOnly }) => {
      if (file.workspace !== 'services/crypto-worker' || file.isTest || isTypeOnly) return undefined;
      if (servers.has(specifier)) return `imports ${specifier}`;
      return names.includes('ManagementServer') ? 'imports the management server' : undefined;
    }),
};
