import { describeGroup, newGroup } from '../../domain/group.ts';
import { hsmLabel } from '../../domain/hsm-label.ts';
import { platformKey } from '../../domain/platform-key.ts';
import type { Governance } from '../../ports/governance.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import { requireAbsent } from '../find-record.ts';
import { requirePolicy } from '../governance/require-policy.ts';
import type { CarryOut } from '../use-case.ts';

export interface CreateGroupPorts {
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'createKey'>;
  readonly governance: Governance;
}

export function makeCreateGroup({ registry, hsm, governance }: CreateGroupPorts): CarryOut<'group.create'> {
  return async ({ params: { group: name, policy }, requestId, at }) => {
    await requireAbsent(registry, 'group', name);
    if (policy !== undefined) await requirePolicy(governance, policy);
    const label = hsmLabel.groupKek(name, 1, requestId);
    await hsm.createKey(label, platformKey.encryption);
    const group = newGroup(name, { label, at }, policy);
    return {
      result: describeGroup(group, 0),
      version: 1,
      changes: [{ kind: 'group', id: name, expectedVersion: 0, value: group }],
      events: [{ name: 'group.record.created', object: `group/${name}`, version: 1 }],
    };
  };
}
