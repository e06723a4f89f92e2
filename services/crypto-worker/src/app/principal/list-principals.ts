import { describePrincipal } from '../../domain/principal.ts';
import type { Registry } from '../../ports/registry.ts';
import { listPage } from '../list-page.ts';
import type { CarryOut } from '../use-case.ts';

export function makeListPrincipals({
  registry,
}: {
  readonly registry: Pick<Registry, 'list'>;
}): CarryOut<'principal.list'> {
  return async ({ params }) => {
    const { records, ...next } = await listPage(registry, 'principal', '', params);
    return { result: { principals: records.map(({ id, value }) => describePrincipal(id, value)), ...next } };
  };
}
