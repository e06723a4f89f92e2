import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { describeCluster } from './show-clusters.ts';

/** Sessions of its workloads end by themselves, since every message asks for the record. Disabling twice is disabling once. */
export function makeDisableCluster({
  registry,
}: {
  readonly registry: Pick<Registry, 'read'>;
}): CarryOut<'cluster.disable'> {
  return async ({ params: { name } }) => {
    const { id, value, version } = await findRecord(registry, 'cluster', name);
    const disabled = { ...value, state: 'disabled' as const };
    const result = describeCluster({ id, value: disabled });
    if (value.state === 'disabled') return { result, version };
    return {
      result,
      version: version + 1,
      changes: [{ kind: 'cluster', id, expectedVersion: version, value: disabled }],
      events: [{ name: 'cluster.record.changed', object: `cluster/${id}`, version: version + 1 }],
    };
  };
}
