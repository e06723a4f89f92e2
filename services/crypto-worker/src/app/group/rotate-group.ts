import { StrongroomError } from '@strongroom/errors';
import { canRotateKek, nextKekVersion, withKek } from '../../domain/group.ts';
import { hsmLabel } from '../../domain/hsm-label.ts';
import { platformKey } from '../../domain/platform-key.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { RecordChange, Registry, RegistryRecord } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { showGroup } from './show-groups.ts';

export interface RotateGroupPorts {
  readonly registry: Pick<Registry, 'read' | 'count'>;
  readonly hsm: Pick<Hsm, 'createKey'>;
}

export function makeRotateGroup({ registry, hsm }: RotateGroupPorts): CarryOut<'group.rotate'> {
  return async ({ params: { group: name }, ...call }) => {
    const { group, ...effect } = await rotateKek(hsm, await findRecord(registry, 'group', name), call);
    return { ...effect, result: await showGroup(registry, group) };
  };
}

/**
 * The old KEK stays on the token: it opens what is not encrypted anew yet, and copies of the database. Throws `key-versions-full`
 * and what keeps the HSM from making a key.
 */
export async function rotateKek(
  hsm: RotateGroupPorts['hsm'],
  { id, version: expectedVersion, value }: RegistryRecord<'group'>,
  { requestId, at }: { readonly requestId: string; readonly at: string },
) {
  if (!canRotateKek(value)) throw new StrongroomError('key-versions-full');
  const version = nextKekVersion(value);
  const label = hsmLabel.groupKek(value.name, version, requestId);
  await hsm.createKey(label, platformKey.encryption);
  const group = withKek(value, { label, at });
  return {
    group,
    version,
    changes: [{ kind: 'group', id, expectedVersion, value: group }] satisfies readonly RecordChange[],
    events: [{ name: 'group.kek.rotated', object: `group/${id}`, version }] as const,
  };
}
