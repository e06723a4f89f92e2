import { builtInRoles, type Role } from '@strongroom/authorization';
import type { RoleDescription } from '@strongroom/contracts';
import type { Registry } from '../../ports/registry.ts';
import type { CarryOut } from '../use-case.ts';

/** As many own roles as the reply may hold beside the built-in ones. */
const rolesMax = 500 - builtInRoles.size;

export function makeListRoles({
  registry,
}: {
  readonly registry: Pick<Registry, 'list'>;
}): CarryOut<'role.list'> {
  return async () => {
    const own = await registry.list('role', { prefix: '', limit: rolesMax });
    const roles = [...builtInRoles].map(([name, role]) => describe(name, role));
    return { result: { roles: [...roles, ...own.map(({ id, value }) => describe(id, value))] } };
  };
}

function describe(name: string, { summary, privileges }: Role): RoleDescription {
  return { name, summary, privileges: [...privileges] };
}
