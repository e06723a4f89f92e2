import { builtInRoles, exceeding, type Role } from '@strongroom/authorization';
import type { BindingScope } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Registry } from '../../ports/registry.ts';
import type { Holdings } from '../use-case.ts';

/** Throws `absent`. */
export async function findRole(registry: Pick<Registry, 'read'>, name: string): Promise<Role> {
  const role = builtInRoles.get(name) ?? (await registry.read('role', name))?.value;
  if (role === undefined) throw new StrongroomError('absent', { detail: 'role' });
  return role;
}

/** Nobody gives or takes what they do not hold: a deny that is taken away gives, too. */
export function requireHeld(holdings: Holdings, role: Role, scope: BindingScope): void {
  if (exceeding(holdings, role.privileges, scope).length > 0) throw new StrongroomError('privilege-exceeded');
}
