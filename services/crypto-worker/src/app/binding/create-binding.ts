import { StrongroomError } from '@strongroom/errors';
import type { Registry } from '../../ports/registry.ts';
import { findRecord, requireAbsent } from '../find-record.ts';
import type { Call, CarryOut } from '../use-case.ts';
import { findRole, requireHeld } from './grant-limit.ts';

interface Ports {
  readonly registry: Pick<Registry, 'read'>;
}

/** Grants of one principal at most; each is weighed at every message. */
const grantsMax = 64;

export function makePermitBinding({ registry }: Ports) {
  return async ({ params: { role, scope }, holdings }: Call<'binding.create'>): Promise<void> => {
    requireHeld(holdings, await findRole(registry, role), scope);
  };
}

export function makeCreateBinding({ registry }: Ports): CarryOut<'binding.create'> {
  return async ({ params }) => {
    const { name, principal, role, scope, effect } = params;
    await requireHolder(registry, principal);
    await requireAbsent(registry, 'binding', name);
    const before = await registry.read('grants', principal);
    const grants = before?.value.grants ?? [];
    if (grants.length >= grantsMax)
      throw new StrongroomError('version-conflict', { detail: 'too many bindings' });
    return {
      result: params,
      changes: [
        { kind: 'binding', id: name, expectedVersion: 0, value: { principal } },
        {
          kind: 'grants',
          id: principal,
          expectedVersion: before?.version ?? 0,
          value: { grants: [...grants, { name, role, scope, effect }] },
        },
      ],
      events: [{ name: 'binding.record.changed', object: `binding/${name}`, version: 1 }],
    };
  };
}

/** What is granted to a name that nobody has yet would belong to whoever takes that name. */
async function requireHolder(registry: Pick<Registry, 'read'>, principal: string): Promise<void> {
  const [, cluster] = /^workload:([^/]+)\//.exec(principal) ?? [];
  if (cluster === undefined) await findRecord(registry, 'principal', principal);
  else await findRecord(registry, 'cluster', cluster);
}
