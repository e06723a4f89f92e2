import { describeSecret } from '../../domain/secret-value.ts';
import type { Registry } from '../../ports/registry.ts';
import { listPage } from '../list-page.ts';
import type { CarryOut } from '../use-case.ts';

export function makeListSecrets({
  registry,
}: {
  readonly registry: Pick<Registry, 'list'>;
}): CarryOut<'secret.list'> {
  return async ({ params }) => {
    const { records, ...next } = await listPage(registry, 'secret', `${params.group}/`, params);
    return { result: { secrets: records.map(({ value }) => describeSecret(value)), ...next } };
  };
}
