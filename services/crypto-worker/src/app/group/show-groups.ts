import { describeGroup } from '../../domain/group.ts';
import type { GroupRecord } from '../../domain/record.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import { listPage } from '../list-page.ts';
import type { CarryOut } from '../use-case.ts';

/** With the number of versions that the group holds now, which is what there is to walk over. */
export async function showGroup(registry: Pick<Registry, 'count'>, group: GroupRecord) {
  return describeGroup(group, await registry.count('secret-version', `${group.name}/`));
}

export function makeDescribeGroup({
  registry,
}: {
  readonly registry: Pick<Registry, 'read' | 'count'>;
}): CarryOut<'group.describe'> {
  return async ({ params: { group } }) => {
    const { value } = await findRecord(registry, 'group', group);
    return { result: await showGroup(registry, value), version: value.kekVersion };
  };
}

export function makeListGroups({
  registry,
}: {
  readonly registry: Pick<Registry, 'list' | 'count'>;
}): CarryOut<'group.list'> {
  return async ({ params }) => {
    const { records, ...next } = await listPage(registry, 'group', '', params);
    const groups = await Promise.all(records.map(({ value }) => showGroup(registry, value)));
    return { result: { groups, ...next } };
  };
}
