import { StrongroomError } from '@strongroom/errors';
import { describeKey, newKey } from '../../domain/key.ts';
import type { Governance } from '../../ports/governance.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord, requireAbsent } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { makeMaterial } from './make-material.ts';

export interface CreateKeyPorts {
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'createAesKey' | 'makeDataKey'>;
  readonly governance: Governance;
}

export function makeCreateKey({ registry, hsm, governance }: CreateKeyPorts): CarryOut<'key.create'> {
  return async ({ params, requestId, at }) => {
    const { group, name, purpose, policy } = params;
    await findRecord(registry, 'group', group);
    await requireAbsent(registry, 'key', `${group}/${name}`);
    if (policy !== undefined) await requirePolicy(governance, policy);
    const material = await makeMaterial(hsm, { purpose, keyId: requestId, version: 1, requestId });
    const key = newKey({ id: requestId, group, name, purpose, policy, createdAt: at, material });
    return {
      result: describeKey(key),
      version: 1,
      changes: [{ kind: 'key', id: `${group}/${name}`, expectedVersion: 0, value: key }],
      events: [{ name: 'key.version.created', object: `key/${group}/${name}`, version: 1 }],
    };
  };
}

/** A key that nobody could ever rotate is not made. */
async function requirePolicy(governance: Governance, name: string): Promise<void> {
  const { policies } = await governance.root();
  if (!policies.some((policy) => policy.name === name))
    throw new StrongroomError('request-invalid', { detail: '/policy' });
}
