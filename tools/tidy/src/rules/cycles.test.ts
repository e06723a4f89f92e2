import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provenRule } from '../proven-rule.ts';
import { filesFormNoCycle, findCycles, packagesFormNoCycle } from './cycles.ts';

test('every cycle is named by the path around it, and shared targets are none', () => {
  const graph = (edges: Record<string, string[]>) =>
    new Map(Object.entries(edges).map(([node, targets]) => [node, new Set(targets)]));
  assert.deepEqual(findCycles(graph({ a: ['b'], b: ['c'], c: ['a'], d: ['a'] })), [['a', 'b', 'c', 'a']]);
  assert.deepEqual(findCycles(graph({ a: ['a'] })), [['a', 'a']]);
  assert.deepEqual(findCycles(graph({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] })), []);
});

provenRule(filesFormNoCycle, {
  offenders: {
    'two files': {
      'packages/bus/src/a.ts': "import { b } from './b.ts'; export const a = b;",
      'packages/bus/src/b.ts': "import { a } from './a.ts'; export const b = a;",
    },
    'over a re-export': {
      'packages/bus/src/a.ts': "import { b } from './index.ts'; export const a = b;",
      'packages/bus/src/index.ts': "export * from './a.ts';",
    },
  },
  accepted: {
    'types go both ways': {
      'packages/bus/src/a.ts': "import { b } from './b.ts'; export type A = typeof b;",
      'packages/bus/src/b.ts': "import type { A } from './a.ts'; export const b = 1 as A;",
    },
  },
});

const manifest = (name: string) => ({ [`packages/${name}/package.json`]: `{"name":"@strongroom/${name}"}` });

provenRule(packagesFormNoCycle, {
  offenders: {
    'two packages, by types alone': {
      ...manifest('bus'),
      ...manifest('database'),
      'packages/bus/src/a.ts': "import type { B } from '@strongroom/database'; export type A = B;",
      'packages/database/src/b.ts': "import type { A } from '@strongroom/bus'; export type B = A;",
    },
  },
  accepted: {
    'a test uses what is built on its package': {
      ...manifest('bus'),
      ...manifest('testing'),
      'packages/bus/src/a.test.ts': "import { startNats } from '@strongroom/testing'; startNats();",
      'packages/testing/src/b.ts': "import { Bus } from '@strongroom/bus'; export const b = Bus;",
    },
  },
});
