import type { OperationRequest } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { describeKey, rotationEvery } from '../../domain/key.ts';
import { stateRefusal } from '../../domain/key-state.ts';
import type { KeyRecord } from '../../domain/record.ts';
import type { Governance } from '../../ports/governance.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import { requirePolicy } from '../governance/require-policy.ts';
import type { CarryOut } from '../use-case.ts';
import { rotationOf } from './key-appointment.ts';

export interface UpdateKeyPorts {
  readonly registry: Pick<Registry, 'read'>;
  readonly governance: Governance;
}

/** A guarded key is changed by its quorum alone; its policy by that and by the quorum of the new one. The pipeline asked them. */
export function makeUpdateKey({ registry, governance }: UpdateKeyPorts): CarryOut<'key.update'> {
  return async ({ params, requestId, at }) => {
    const { group, name } = params;
    const record = await findRecord(registry, 'key', `${group}/${name}`);
    const code = stateRefusal(record.value.state, 'update');
    if (code !== undefined) throw new StrongroomError(code);
    if (params.policy !== undefined) await requirePolicy(governance, params.policy);
    const key = updated(record.value, params, at);
    return {
      result: describeKey(key),
      version: key.currentVersion,
      changes: [
        { kind: 'key', id: record.id, expectedVersion: record.version, value: key },
        ...(params.rotationDays === undefined ? [] : rotationOf(key, requestId)),
      ],
      events: [{ name: 'key.record.changed', object: `key/${group}/${name}`, version: key.currentVersion }],
    };
  };
}

function updated(key: KeyRecord, params: OperationRequest<'key.update'>, at: string): KeyRecord {
  const { group: _group, name: _name, rotationDays, ...given } = params;
  if ((given.minimumVersion ?? 1) > key.currentVersion) throw invalid('/minimumVersion');
  if (given.providers !== undefined && key.purpose !== 'kek') throw invalid('/providers');
  const changed = { ...key, ...given };
  if (rotationDays === undefined) return changed;
  const { rotationDays: _days, rotateAt: _at, ...without } = changed;
  return { ...without, ...rotationEvery(rotationDays === 0 ? undefined : rotationDays, at) };
}

const invalid = (detail: string) => new StrongroomError('request-invalid', { detail });
