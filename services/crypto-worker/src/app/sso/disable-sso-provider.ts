import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { describeSsoProvider } from './show-sso-providers.ts';

/** Sessions of its people end by themselves, since every message asks for the record. Disabling twice is disabling once. */
export function makeDisableSsoProvider({
  registry,
}: {
  readonly registry: Pick<Registry, 'read'>;
}): CarryOut<'sso.disable'> {
  return async ({ params: { name } }) => {
    const { id, value, version } = await findRecord(registry, 'sso-provider', name);
    const disabled = { ...value, state: 'disabled' as const };
    const result = describeSsoProvider({ id, value: disabled });
    if (value.state === 'disabled') return { result, version };
    return {
      result,
      version: version + 1,
      changes: [{ kind: 'sso-provider', id, expectedVersion: version, value: disabled }],
    };
  };
}
