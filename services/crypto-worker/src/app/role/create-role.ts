import { builtInRoles, exceeding } from '@strongroom/authorization';
import { privileges as allPrivileges } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Registry } from '../../ports/registry.ts';
import { requireAbsent } from '../find-record.ts';
import type { Call, CarryOut } from '../use-case.ts';

const known = new Set(allPrivileges);

/** A role is good everywhere, so its maker must hold its privileges everywhere. */
export async function permitRole({ params, holdings }: Call<'role.create'>): Promise<void> {
  if (!params.privileges.every((privilege) => known.has(privilege)))
    throw new StrongroomError('request-invalid', { detail: '/privileges' });
  if (exceeding(holdings, params.privileges, { kind: 'tenant' }).length > 0)
    throw new StrongroomError('privilege-exceeded');
}

export function makeCreateRole({
  registry,
}: {
  readonly registry: Pick<Registry, 'read'>;
}): CarryOut<'role.create'> {
  return async ({ params: { name, summary, privileges } }) => {
    if (builtInRoles.has(name)) throw new StrongroomError('already-exists', { detail: 'role' });
    await requireAbsent(registry, 'role', name);
    const distinct = [...new Set(privileges)].sort();
    const value = { summary, privileges: distinct, state: 'enabled' as const };
    return {
      result: { name, ...value },
      changes: [{ kind: 'role', id: name, expectedVersion: 0, value }],
    };
  };
}
