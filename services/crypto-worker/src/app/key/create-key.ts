import { StrongroomError } from '@strongroom/errors';
import { describeKey, type KeyNature, type NewKey, natureRefusal, newKey } from '../../domain/key.ts';
import type { Governance } from '../../ports/governance.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord, requireAbsent } from '../find-record.ts';
import { requirePolicy } from '../governance/require-policy.ts';
import type { Call, CarryOut } from '../use-case.ts';
import { rotationOf } from './key-appointment.ts';
import { type MaterialHsm, makeMaterial } from './make-material.ts';

export interface CreateKeyPorts {
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: MaterialHsm;
  readonly governance: Governance;
}

export function makeCreateKey(ports: CreateKeyPorts): CarryOut<'key.create'> {
  return (call) => create(ports, call, false);
}

/** The quorum of its policy has agreed: the row says which field names it, and the pipeline asked. */
export function makeCreateExportableKey(ports: CreateKeyPorts): CarryOut<'key.create-exportable'> {
  return (call) => create(ports, call, true);
}

async function create(
  { registry, hsm, governance }: CreateKeyPorts,
  { params, requestId, at }: Call<'key.create'> | Call<'key.create-exportable'>,
  exportable: boolean,
) {
  const { group, name, purpose, type = 'aes-256', protection = 'hsm', policy } = params;
  const nature: KeyNature = { purpose, type, protection, exportable };
  const code = natureRefusal(nature);
  if (code !== undefined) throw new StrongroomError(code, { detail: `${type} ${purpose} ${protection}` });
  await findRecord(registry, 'group', group);
  await requireAbsent(registry, 'key', `${group}/${name}`);
  if (policy !== undefined) await requirePolicy(governance, policy);
  const made = await makeMaterial(hsm, nature, { keyId: requestId, version: 1, requestId });
  const key = newKey({ ...params, ...nature, id: requestId, createdAt: at, made } satisfies NewKey);
  return {
    result: describeKey(key),
    version: 1,
    changes: [
      { kind: 'key' as const, id: `${group}/${name}`, expectedVersion: 0, value: key },
      ...rotationOf(key, requestId),
    ],
    events: [{ name: 'key.version.created' as const, object: `key/${group}/${name}`, version: 1 }],
  };
}
