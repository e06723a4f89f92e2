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
    const roles = [...builtInRoles].map(([name, role]) => describeRole(name, role));
    return { result: { roles: [...roles, ...own.map(({ id, value }) => describeRole(id, value))] } };
  };
}

export function describeRole(name: string, { summary, privileges, state }: Role): RoleDescription {
  return { name, summary, privileges: [...privileges], state };
}
