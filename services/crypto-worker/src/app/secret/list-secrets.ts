import { summariseSecret } from '../../domain/secret/describe-secret.ts';
import type { Registry } from '../../ports/registry.ts';
import { listPage } from '../list-page.ts';
import type { CarryOut } from '../use-case.ts';

export function makeListSecrets({
  registry,
}: {
  readonly registry: Pick<Registry, 'list'>;
}): CarryOut<'secret.list'> {
  return async ({ params, at }) => {
    const { group, prefix = '' } = params;
    const { records, ...next } = await listPage(registry, 'secret', `${group}/${prefix}`, params);
    const secrets = records.map(({ value }) => summariseSecret(value, Date.parse(at)));
    return { result: { secrets, ...next } };
  };
}
