import { describeKey } from '../../domain/key.ts';
import type { Registry } from '../../ports/registry.ts';
import { listPage } from '../list-page.ts';
import type { CarryOut } from '../use-case.ts';

export function makeListKeys({
  registry,
}: {
  readonly registry: Pick<Registry, 'list'>;
}): CarryOut<'key.list'> {
  return async ({ params }) => {
    const { records, ...next } = await listPage(registry, 'key', `${params.group}/`, params);
    return { result: { keys: records.map(({ value }) => describeKey(value)), ...next } };
  };
}
