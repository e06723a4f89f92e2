import { describePrincipal } from '../../domain/principal.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';

export function makeDescribePrincipal({
  registry,
}: {
  readonly registry: Pick<Registry, 'read'>;
}): CarryOut<'principal.describe'> {
  return async ({ params: { principal } }) => {
    const { value, version } = await findRecord(registry, 'principal', principal);
    return { result: describePrincipal(principal, value), version };
  };
}
