import { StrongroomError } from '@strongroom/errors';
import { canRotateKek, nextKekVersion, withKek } from '../../domain/group.ts';
import { hsmLabel } from '../../domain/hsm-label.ts';
import { platformKey } from '../../domain/platform-key.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { showGroup } from './show-groups.ts';

export interface RotateGroupPorts {
  readonly registry: Pick<Registry, 'read' | 'count'>;
  readonly hsm: Pick<Hsm, 'createKey'>;
}

/** The old KEK stays on the token: it opens what is not encrypted anew yet, and copies of the database. */
export function makeRotateGroup({ registry, hsm }: RotateGroupPorts): CarryOut<'group.rotate'> {
  return async ({ params: { group: name }, requestId, at }) => {
    const record = await findRecord(registry, 'group', name);
    if (!canRotateKek(record.value)) throw new StrongroomError('key-versions-full');
    const version = nextKekVersion(record.value);
    const label = hsmLabel.groupKek(name, version, requestId);
    await hsm.createKey(label, platformKey.encryption);
    const group = withKek(record.value, { label, at });
    return {
      result: await showGroup(registry, group),
      version,
      changes: [{ kind: 'group', id: name, expectedVersion: record.version, value: group }],
      events: [{ name: 'group.kek.rotated', object: `group/${name}`, version }],
    };
  };
}
