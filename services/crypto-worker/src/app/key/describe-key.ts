import { describeKey } from '../../domain/key.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';

export function makeDescribeKey({
  registry,
}: {
  readonly registry: Pick<Registry, 'read'>;
}): CarryOut<'key.describe'> {
  return async ({ params: { group, name } }) => {
    const { value } = await findRecord(registry, 'key', `${group}/${name}`);
    return { result: describeKey(value), version: value.currentVersion };
  };
}
