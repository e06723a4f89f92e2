import { describePrincipal } from '../../domain/principal.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';

/** Sessions end by themselves: every message asks for the record again. Disabling twice is disabling once. */
export function makeDisablePrincipal({
  registry,
}: {
  readonly registry: Pick<Registry, 'read'>;
}): CarryOut<'principal.disable'> {
  return async ({ params: { principal } }) => {
    const { value, version } = await findRecord(registry, 'principal', principal);
    const disabled = { ...value, state: 'disabled' as const };
    const result = describePrincipal(principal, disabled);
    if (value.state === 'disabled') return { result, version };
    return {
      result,
      version: version + 1,
      changes: [{ kind: 'principal', id: principal, expectedVersion: version, value: disabled }],
      events: [{ name: 'principal.record.changed', object: `principal/${principal}`, version: version + 1 }],
    };
  };
}
