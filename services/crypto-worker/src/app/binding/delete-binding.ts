import { StrongroomError } from '@strongroom/errors';
import type { Grant } from '../../domain/record.ts';
import type { Registry, RegistryRecord } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { Call, CarryOut } from '../use-case.ts';
import { findRole, requireHeld } from './grant-limit.ts';

interface Ports {
  readonly registry: Pick<Registry, 'read'>;
}

interface FoundBinding {
  readonly binding: RegistryRecord<'binding'>;
  readonly grants: RegistryRecord<'grants'>;
  readonly grant: Grant;
}

export function makePermitUnbinding({ registry }: Ports) {
  return async ({ params, holdings }: Call<'binding.delete'>): Promise<void> => {
    const { grant } = await findBinding(registry, params.name);
    requireHeld(holdings, await findRole(registry, grant.role), grant.scope);
  };
}

export function makeDeleteBinding({ registry }: Ports): CarryOut<'binding.delete'> {
  return async ({ params: { name } }) => {
    const { binding, grants, grant } = await findBinding(registry, name);
    const left = grants.value.grants.filter((each) => each.name !== name);
    const { principal } = binding.value;
    return {
      result: { ...grant, principal },
      changes: [
        { kind: 'binding', id: name, expectedVersion: binding.version, value: undefined },
        {
          kind: 'grants',
          id: principal,
          expectedVersion: grants.version,
          value: left.length === 0 ? undefined : { grants: left },
        },
      ],
      events: [{ name: 'binding.record.changed', object: `binding/${name}`, version: binding.version + 1 }],
    };
  };
}

async function findBinding(registry: Pick<Registry, 'read'>, name: string): Promise<FoundBinding> {
  const binding = await findRecord(registry, 'binding', name);
  const grants = await registry.read('grants', binding.value.principal);
  const grant = grants?.value.grants.find((each) => each.name === name);
  // Both are written in one commit.
  if (grants === undefined || grant === undefined)
    throw new StrongroomError('record-tampered', { detail: 'binding' });
  return { binding, grants, grant };
}
