import type { Registry } from '../../ports/registry.ts';
import { requireAbsent } from '../find-record.ts';
import { requireIssuerKeys } from '../proof/require-issuer-keys.ts';
import type { CarryOut } from '../use-case.ts';

/** A name is registered once: another issuer under it would speak for the people of the first. */
export function makeRegisterSsoProvider({
  registry,
}: {
  readonly registry: Pick<Registry, 'read'>;
}): CarryOut<'sso.register'> {
  return async ({ params: { name, ...settings }, at }) => {
    requireIssuerKeys(settings);
    await requireAbsent(registry, 'sso-provider', name);
    const value = { ...settings, state: 'enabled' as const, createdAt: at };
    return {
      result: { name, ...value },
      changes: [{ kind: 'sso-provider', id: name, expectedVersion: 0, value }],
    };
  };
}
