import { StrongroomError } from '@strongroom/errors';
import type { Registry } from '../../ports/registry.ts';
import { requireAbsent } from '../find-record.ts';
import { requireIssuerKeys } from '../proof/require-issuer-keys.ts';
import type { CarryOut } from '../use-case.ts';

type Ports = { readonly registry: Pick<Registry, 'read'> };

/** The name becomes part of the ids of workloads, which know fewer characters. */
const namePattern = /^[a-z0-9.-]+$/;

/** A name is registered once: other keys under it would be another cluster with the grants of the first. */
export function makeRegisterCluster({ registry }: Ports): CarryOut<'cluster.register'> {
  return async ({ params, at }) => {
    const { name, issuer, audience, keys, keySource } = params;
    if (!namePattern.test(name)) throw invalid('name');
    requireIssuerKeys(params);
    await requireAbsent(registry, 'cluster', name);
    const value = {
      issuer,
      audience,
      keys,
      ...(keySource === undefined ? {} : { keySource }),
      state: 'enabled' as const,
      createdAt: at,
    };
    return {
      result: { name, ...value },
      changes: [{ kind: 'cluster', id: name, expectedVersion: 0, value }],
      events: [{ name: 'cluster.record.changed', object: `cluster/${name}`, version: 1 }],
    };
  };
}

const invalid = (field: string): StrongroomError =>
  new StrongroomError('request-invalid', { detail: `/${field}` });
