import assert from 'node:assert/strict';
import { test } from 'node:test';
import { privileges as allPrivileges } from '@strongroom/contracts';
import fc from 'fast-check';
import { decide, exceeding, type GrantInForce } from './decide.ts';
import { builtInRoles } from './roles.ts';

const roleOf = (name: string) => builtInRoles.get(name);
const grant = (role: string, group?: string, effect: 'allow' | 'deny' = 'allow'): GrantInForce => ({
  name: `${effect}-${role}-${group ?? 'tenant'}`,
  role,
  scope: group === undefined ? { kind: 'tenant' } : { kind: 'group', group },
  effect,
});
const ask = (
  grants: readonly GrantInForce[],
  group?: string,
  privilege = 'secret.read',
  principal = 'app:a',
) =>
  decide({
    principal,
    operation: { privilege, actors: 'any' },
    ...(group === undefined ? {} : { group }),
    grants,
    roleOf,
  });

const anyGrant = fc.record({
  name: fc.string(),
  role: fc.constantFrom(...builtInRoles.keys(), 'unknown'),
  scope: fc.oneof(
    fc.constant({ kind: 'tenant' as const }),
    fc.record({ kind: fc.constant('group' as const), group: fc.constantFrom('a', 'b') }),
  ),
  effect: fc.constantFrom('allow' as const, 'deny' as const),
});
const anyGrants = fc.array(anyGrant, { maxLength: 12 });
const anyGroup = fc.constantFrom('a', 'b', 'c', undefined);
const anyPrivilege = fc.constantFrom(...allPrivileges);

test('nothing is allowed without a grant, nor by an unknown role', () => {
  assert.deepEqual(ask([]), { allowed: false, reason: 'no-grant' });
  assert.deepEqual(ask([grant('unknown')]), { allowed: false, reason: 'no-grant' });
});

test('a grant for a group covers that group and nothing without one', () => {
  assert.equal(ask([grant('secret-reader', 'a')], 'a').allowed, true);
  assert.equal(ask([grant('secret-reader', 'a')], 'b').allowed, false);
  assert.equal(ask([grant('secret-reader', 'a')]).allowed, false);
});

test('people never use keys, whatever they hold', () => {
  const operation = { privilege: 'kms.unwrap', actors: 'machines' as const };
  const decision = decide({
    principal: 'user:root',
    operation,
    group: 'a',
    grants: [grant('operator')],
    roleOf,
  });
  assert.deepEqual(decision, { allowed: false, reason: 'machines-only' });
});

test('deny wins at any place among any grants', () => {
  fc.assert(
    fc.property(anyGrants, anyPrivilege, anyGroup, fc.nat(), (grants, privilege, group, at) => {
      const withDeny: GrantInForce[] = [...grants];
      withDeny.splice(at % (grants.length + 1), 0, grant('operator', undefined, 'deny'));
      assert.equal(ask(withDeny, group, privilege).allowed, false);
    }),
  );
});

test('the answer is that of the rule written out', () => {
  fc.assert(
    fc.property(anyGrants, anyPrivilege, anyGroup, (grants, privilege, group) => {
      const applies = (effect: string) => (each: GrantInForce) =>
        each.effect === effect &&
        (each.scope.kind === 'tenant' || (group !== undefined && each.scope.group === group)) &&
        (roleOf(each.role)?.privileges ?? []).includes(privilege);
      const decision = ask(grants, group, privilege);
      assert.equal(decision.allowed, !grants.some(applies('deny')) && grants.some(applies('allow')));
      const named = 'by' in decision ? decision.by : [];
      const deciding = grants.filter(applies(decision.allowed ? 'allow' : 'deny')).map(({ name }) => name);
      assert.deepEqual(named, deciding);
    }),
  );
});

test('nobody reaches through a grant what the one who gave it could not do', () => {
  const scopes = fc.oneof(
    fc.constant({ kind: 'tenant' as const }),
    fc.record({ kind: fc.constant('group' as const), group: fc.constantFrom('a', 'b') }),
  );
  const roles = fc.constantFrom(...builtInRoles.keys());
  const holdings = fc.oneof(
    anyGrants,
    anyGrants.map((grants) => [grant('operator'), ...grants.filter(({ effect }) => effect === 'allow')]),
    fc.tuple(roles, anyGroup).map(([role, group]) => [grant(role, group)]),
  );
  let given = 0;
  fc.assert(
    fc.property(holdings, roles, scopes, anyPrivilege, anyGroup, (held, role, scope, privilege, group) => {
      if (exceeding({ grants: held, roleOf }, roleOf(role)?.privileges ?? [], scope).length > 0) return;
      given += 1;
      if (ask([{ name: 'given', role, scope, effect: 'allow' }], group, privilege).allowed) {
        assert.ok(ask(held, group, privilege).allowed);
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(given > 50);
});

test('order does not matter, and a further deny never allows more', () => {
  fc.assert(
    fc.property(anyGrants, anyGrant, anyPrivilege, anyGroup, (grants, further, privilege, group) => {
      const before = ask(grants, group, privilege).allowed;
      assert.equal(ask(grants.toReversed(), group, privilege).allowed, before);
      const denied = ask([...grants, { ...further, effect: 'deny' }], group, privilege).allowed;
      assert.ok(before || !denied);
    }),
  );
});

test('who grants within their own holdings never gives what they could not do', () => {
  fc.assert(
    fc.property(anyGrants, anyPrivilege, anyGroup, (grants, privilege, group) => {
      const scope = group === undefined ? ({ kind: 'tenant' } as const) : ({ kind: 'group', group } as const);
      if (exceeding({ grants, roleOf }, [privilege], scope).length > 0) return;
      const groups = group === undefined ? ['a', 'b', 'c', undefined] : [group];
      for (const each of groups) assert.equal(ask(grants, each, privilege).allowed, true);
    }),
  );
});

test('the operator holds everything and the reader of one group cannot grant in another', () => {
  assert.deepEqual(exceeding({ grants: [grant('operator')], roleOf }, allPrivileges, { kind: 'tenant' }), []);
  const reader = { grants: [grant('secret-reader', 'a')], roleOf };
  assert.deepEqual(exceeding(reader, ['secret.read'], { kind: 'group', group: 'a' }), []);
  assert.deepEqual(exceeding(reader, ['secret.read'], { kind: 'group', group: 'b' }), ['secret.read']);
  assert.deepEqual(exceeding(reader, ['secret.read'], { kind: 'tenant' }), ['secret.read']);
});

test('built-in roles name privileges of the catalogue only', () => {
  for (const [name, { privileges }] of builtInRoles) {
    assert.ok(privileges.length > 0, name);
    for (const privilege of privileges) assert.ok(allPrivileges.includes(privilege), `${name}: ${privilege}`);
  }
});
