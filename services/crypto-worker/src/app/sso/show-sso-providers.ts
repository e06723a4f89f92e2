import type { SsoProviderDescription } from '@strongroom/contracts';
import type { Registry, RegistryRecord } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';

const providersMax = 100;

export function makeDescribeSsoProvider({
  registry,
}: {
  readonly registry: Pick<Registry, 'read'>;
}): CarryOut<'sso.describe'> {
  return async ({ params: { name } }) => {
    const record = await findRecord(registry, 'sso-provider', name);
    return { result: describeSsoProvider(record), version: record.version };
  };
}

export function makeListSsoProviders({
  registry,
}: {
  readonly registry: Pick<Registry, 'list'>;
}): CarryOut<'sso.list'> {
  return async () => {
    const records = await registry.list('sso-provider', { prefix: '', limit: providersMax });
    const providers = records.map(({ id, value: { issuer, state } }) => ({ name: id, issuer, state }));
    return { result: { providers } };
  };
}

export function describeSsoProvider({
  id,
  value,
}: Pick<RegistryRecord<'sso-provider'>, 'id' | 'value'>): SsoProviderDescription {
  return { name: id, ...structuredClone(value) } as SsoProviderDescription;
}
