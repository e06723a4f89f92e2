import { createPublicKey } from 'node:crypto';
import type { ClusterKey } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Registry } from '../../ports/registry.ts';
import { requireAbsent } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';

type Ports = { readonly registry: Pick<Registry, 'read'> };

/** The name becomes part of the ids of workloads, which know fewer characters. */
const namePattern = /^[a-z0-9.-]+$/;
const modulusBitsMin = 2_048;

/** A name is registered once: other keys under it would be another cluster with the grants of the first. */
export function makeRegisterCluster({ registry }: Ports): CarryOut<'cluster.register'> {
  return async ({ params, at }) => {
    const { name, issuer, audience, keys } = params;
    if (!namePattern.test(name)) throw invalid('name');
    requireKeys(keys);
    await requireAbsent(registry, 'cluster', name);
    const value = { issuer, audience, keys, state: 'enabled' as const, createdAt: at };
    return {
      result: { name, ...value },
      changes: [{ kind: 'cluster', id: name, expectedVersion: 0, value }],
      events: [{ name: 'cluster.record.changed', object: `cluster/${name}`, version: 1 }],
    };
  };
}

function requireKeys(keys: readonly ClusterKey[]): void {
  if (new Set(keys.map(({ kid }) => kid)).size !== keys.length) throw invalid('keys: kid');
  for (const [index, key] of keys.entries()) if (!isUsable(key)) throw invalid(`keys/${index}`);
}

function isUsable(key: ClusterKey): boolean {
  try {
    const { asymmetricKeyDetails: details } = createPublicKey({ key: { ...key }, format: 'jwk' });
    return key.kty === 'EC' || (details?.modulusLength ?? 0) >= modulusBitsMin;
  } catch {
    // The one way to fail: the members are not those of a key of this type.
    return false;
  }
}

const invalid = (field: string): StrongroomError =>
  new StrongroomError('request-invalid', { detail: `/${field}` });
