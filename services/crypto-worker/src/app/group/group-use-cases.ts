/** All operations on groups. One that is missing here does not compile. */
import type { GroupOperations } from '@strongroom/contracts';
import type { Registry } from '../../ports/registry.ts';
import type { UseCases } from '../use-case.ts';
import { type CreateGroupPorts, makeCreateGroup } from './create-group.ts';
import { type DestroyFormerKeksPorts, makeDestroyFormerKeks } from './destroy-former-keks.ts';
import { makeRotateGroup } from './rotate-group.ts';
import { makeDescribeGroup, makeListGroups } from './show-groups.ts';

export interface GroupPorts extends CreateGroupPorts {
  readonly hsm: CreateGroupPorts['hsm'] & DestroyFormerKeksPorts['hsm'];
  readonly registry: Pick<Registry, 'read' | 'list' | 'count'>;
}

/** A grant for a group reaches the group itself. */
const groupOf = ({ group }: { readonly group: string }): readonly string[] => [group];

export function makeGroupUseCases(ports: GroupPorts): Pick<UseCases, keyof GroupOperations> {
  return {
    'group.create': { carryOut: makeCreateGroup(ports) },
    'group.describe': { carryOut: makeDescribeGroup(ports), groupsOf: groupOf },
    'group.list': { carryOut: makeListGroups(ports) },
    'group.rotate': { carryOut: makeRotateGroup(ports), groupsOf: groupOf },
    'group.destroy-former-keks': { carryOut: makeDestroyFormerKeks(ports), groupsOf: groupOf },
  };
}
