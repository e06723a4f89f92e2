import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findOperation, makeChecker, type OperationName } from '@strongroom/contracts';
import { secretAccess, unusedAccess } from './access.ts';
import type { Ask } from './ask.ts';
import { accessChanges, approvals, keyUses } from './filters.ts';
import { overdueKeys } from './keys.ts';

/** A deployment that answers from a table, and takes only requests that fit the catalogue. */
function answering(answers: Partial<Record<OperationName, (params: never) => object>>): Ask {
  return async (operation, params) => {
    const row = findOperation(operation);
    assert.ok(row && makeChecker(row.request).check(params), `${operation}: ${JSON.stringify(params)}`);
    return (answers[operation] as (given: unknown) => never)(params);
  };
}

const tenant = { kind: 'tenant' } as const;
const bindings = [
  { name: 'a', principal: 'user:alice', role: 'secret-reader', scope: tenant, effect: 'allow' },
  { name: 'b', principal: 'user:bob', role: 'secret-reader', scope: tenant, effect: 'allow' },
  {
    name: 'c',
    principal: 'user:bob',
    role: 'secret-reader',
    scope: { kind: 'group', group: 'g' },
    effect: 'deny',
  },
  { name: 'd', principal: 'app:old', role: 'crypto-user', scope: tenant, effect: 'allow' },
] as const;
const roles = [
  { name: 'secret-reader', summary: '', privileges: ['secret.read'], state: 'enabled' },
  { name: 'crypto-user', summary: '', privileges: ['crypto.encrypt'], state: 'enabled' },
];
/** Two pages. */
const bindingList = ({ after }: { after?: string }) =>
  after === undefined ? { bindings: bindings.slice(0, 2), next: 'n' } : { bindings: bindings.slice(2) };

test('who could read a secret by bindings, and who did by the log; a denial counts', async () => {
  const ask = answering({
    'binding.list': bindingList,
    'role.list': () => ({ roles }),
    'audit.count': () => ({
      counts: [{ value: 'user:gone', count: 3 }],
      total: 3,
      complete: true,
    }),
  });
  const { rows, isWhole } = await secretAccess(ask, 'g/database', {});
  assert.deepEqual(rows, [
    { principal: 'user:alice', couldBy: ['a'], reads: 0 },
    { principal: 'user:gone', couldBy: [], reads: 3 },
  ]);
  assert.ok(isWhole);
});

test('a count that lists not everybody makes no whole report', async () => {
  const ask = answering({
    'binding.list': bindingList,
    'role.list': () => ({ roles }),
    'audit.count': () => ({ counts: [{ value: 'user:a', count: 3 }], total: 4, complete: true }),
  });
  assert.equal((await secretAccess(ask, 'g/database', {})).isWhole, false);
});

test('access is unused if its holder has done nothing since', async () => {
  const ask = answering({
    'binding.list': bindingList,
    'audit.query': ({ filter }: { filter: { actor: string; from: string } }) => ({
      entries: filter.actor === 'app:old' ? [] : [{}],
    }),
  });
  assert.deepEqual((await unusedAccess(ask, '2030-01-01T00:00:00.000Z')).unused, [
    { principal: 'app:old', bindings: ['d (crypto-user)'] },
  ]);
});

test('keys past their date are listed, of every group', async () => {
  const at = (day: number) => `2030-01-0${day}T00:00:00.000Z`;
  const keys = {
    g: [
      { name: 'late', rotationDays: 30, rotateAt: at(1) },
      { name: 'early', rotationDays: 30, rotateAt: at(9) },
    ],
    h: [{ name: 'never' }],
  };
  const ask = answering({
    'group.list': () => ({ groups: [{ group: 'g' }, { group: 'h' }] }),
    'key.list': ({ group }: { group: 'g' | 'h' }) => ({ keys: keys[group] }),
  });
  assert.deepEqual(await overdueKeys(ask, at(5)), [{ key: 'g/late', rotateAt: at(1), rotationDays: 30 }]);
});

test('the filters of reports name operations that there are', () => {
  const names = [accessChanges, approvals, keyUses('g/k')]
    .flatMap(({ anyOf = [] }) => anyOf)
    .flatMap(({ operation }) => operation ?? []);
  for (const name of names.filter((one) => !one.endsWith('*'))) assert.ok(findOperation(name), name);
});
