import type { Rule } from '../repository.ts';

const forbidden = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'misc', 'lib']);

export const foldersSayWhatTheyHold: Rule = {
  title: 'no folder or file is named after nothing: utils, helpers, common, shared, misc',
  check: ({ files }) =>
    files.flatMap(({ path }) =>
      path
        .split('/')
        .map((part) => part.replace(/\.(test\.)?(ts|mjs)$/, ''))
        .filter((part) => forbidden.has(part))
        .map((what) => ({ path, line: 1, what })),
    ),
};

export const exportsHaveNames: Rule = {
  title: 'there are no default exports',
  check: ({ files }) =>
    files.flatMap(({ path, defaultExportLines }) =>
      defaultExportLines.map((line) => ({ path, line, what: 'default export' })),
    ),
};

export const rawCallbacksAreForbidden: Rule = {
  title: 'no PKCS#11 call in its raw-callback form, which corrupts data silently',
  check: ({ files }) =>
    files.flatMap(({ path, members, calls, literalProperties, imports }) =>
      [
        ...members,
        ...calls,
        ...literalProperties,
        ...imports.flatMap(({ names, line }) => names.map((name) => ({ name, line }))),
      ]
        .filter(({ name }) => /(^|\.)C_\w+Callback$/.test(name))
        .map(({ name, line }) => ({ path, line, what: name })),
    ),
};

const unfinished = /\b(TODO|FIXME|XXX|HACK)\b/;
const skipped = new Set([
  'test.skip',
  'test.only',
  'test.todo',
  'it.skip',
  'it.only',
  'describe.skip',
  'describe.only',
]);
const skipOptions = new Set(['skip', 'only', 'todo']);

export const nothingIsLeftForLater: Rule = {
  title: 'nothing is left for later: no TODO, no skipped test, no test that runs alone',
  check: ({ files }) =>
    files.flatMap(({ path, comments, members, literalProperties }) => [
      ...comments
        .filter(({ text }) => unfinished.test(text))
        .map(({ line }) => ({ path, line, what: 'unfinished' })),
      ...[
        ...members.filter(({ name }) => skipped.has(name)),
        ...skippedByOption(path, literalProperties),
      ].map(({ name, line }) => ({ path, line, what: name })),
    ]),
};

const skippedByOption = (path: string, properties: readonly { name: string; line: number }[]) =>
  /\.test\.(ts|mjs)$/.test(path) ? properties.filter(({ name }) => skipOptions.has(name)) : [];
