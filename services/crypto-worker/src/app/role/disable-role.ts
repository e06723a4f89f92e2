import { builtInRoles } from '@strongroom/authorization';
import { StrongroomError } from '@strongroom/errors';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { describeRole } from './list-roles.ts';

/** Nobody gains by it: what the role denied stays denied. Disabling twice is disabling once. */
export function makeDisableRole({
  registry,
}: {
  readonly registry: Pick<Registry, 'read'>;
}): CarryOut<'role.disable'> {
  return async ({ params: { name } }) => {
    if (builtInRoles.has(name))
      throw new StrongroomError('request-invalid', { detail: 'a built-in role can not be disabled' });
    const { value, version } = await findRecord(registry, 'role', name);
    const disabled = { ...value, state: 'disabled' as const };
    const result = describeRole(name, disabled);
    if (value.state === 'disabled') return { result, version };
    return {
      result,
      version: version + 1,
      changes: [{ kind: 'role', id: name, expectedVersion: version, value: disabled }],
    };
  };
}
