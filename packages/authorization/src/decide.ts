/**
 * Who may do what: grants of one principal against one operation. Pure, and the only place that answers the question.
 * Deny wins wherever it stands; what nobody allowed is refused; an unknown role grants nothing, and a disabled one only
 * denies.
 */
import type { BindingEffect, BindingScope, OperationDescriptor } from '@strongroom/contracts';
import type { Role } from './roles.ts';

export interface GrantInForce {
  readonly name: string;
  readonly role: string;
  readonly scope: BindingScope;
  readonly effect: BindingEffect;
}

export type RoleLookup = (name: string) => Role | undefined;

export interface Question {
  readonly principal: string;
  readonly operation: Pick<OperationDescriptor, 'privilege' | 'actors'>;
  /** The group of the object; absent for what has none: only a grant for the whole tenant covers that. */
  readonly group?: string;
  readonly grants: readonly GrantInForce[];
  readonly roleOf: RoleLookup;
}

export type Decision =
  | { readonly allowed: true; readonly by: readonly string[] }
  | { readonly allowed: false; readonly reason: 'machines-only' | 'no-grant' }
  | { readonly allowed: false; readonly reason: 'denied-by'; readonly by: readonly string[] };

export function decide(question: Question): Decision {
  const { principal, operation, group, grants, roleOf } = question;
  // People manage keys; only apps, plugins and workloads use them.
  if (operation.actors === 'machines' && principal.startsWith('user:'))
    return { allowed: false, reason: 'machines-only' };
  const matching = grants.filter(
    (grant) => covers(grant, group) && roleOf(grant.role)?.privileges.includes(operation.privilege),
  );
  const denying = matching.filter(({ effect }) => effect === 'deny');
  if (denying.length > 0) return { allowed: false, reason: 'denied-by', by: denying.map(({ name }) => name) };
  const allowing = matching.filter(({ effect, role }) => effect === 'allow' && isEnabled(role, roleOf));
  return allowing.length === 0
    ? { allowed: false, reason: 'no-grant' }
    : { allowed: true, by: allowing.map(({ name }) => name) };
}

function isEnabled(role: string, roleOf: RoleLookup): boolean {
  return roleOf(role)?.state === 'enabled';
}

/** A deny for one group must not reach beyond it, but an object without a group is only in the tenant's scope. */
function covers(grant: GrantInForce, group: string | undefined): boolean {
  return grant.scope.kind === 'tenant' || grant.scope.group === group;
}

/**
 * Privileges of `wanted` that the holder lacks in the scope: empty means that the grant stays within what the holder
 * has. Nobody grants, edits or attaches more than they hold.
 */
export function exceeding(
  holder: { readonly grants: readonly GrantInForce[]; readonly roleOf: RoleLookup },
  wanted: readonly string[],
  scope: BindingScope,
): readonly string[] {
  return wanted.filter((privilege) => !holds(holder, privilege, scope));
}

function holds(
  { grants, roleOf }: { readonly grants: readonly GrantInForce[]; readonly roleOf: RoleLookup },
  privilege: string,
  scope: BindingScope,
): boolean {
  const relevant = grants.filter((grant) => roleOf(grant.role)?.privileges.includes(privilege));
  // For the whole tenant, a deny in any single group already means: not held everywhere.
  const isDenied = relevant.some(
    ({ effect, scope: denied }) =>
      effect === 'deny' &&
      (denied.kind === 'tenant' || scope.kind === 'tenant' || denied.group === scope.group),
  );
  if (isDenied) return false;
  return relevant.some(
    ({ effect, role, scope: allowed }) =>
      effect === 'allow' &&
      isEnabled(role, roleOf) &&
      (allowed.kind === 'tenant' || (scope.kind === 'group' && allowed.group === scope.group)),
  );
}
