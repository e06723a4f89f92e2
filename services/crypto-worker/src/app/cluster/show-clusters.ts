import type { ClusterDescription } from '@strongroom/contracts';
import type { Registry, RegistryRecord } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';

const clustersMax = 500;

export function makeDescribeCluster({
  registry,
}: {
  readonly registry: Pick<Registry, 'read'>;
}): CarryOut<'cluster.describe'> {
  return async ({ params: { name } }) => {
    const record = await findRecord(registry, 'cluster', name);
    return { result: describe(record), version: record.version };
  };
}

export function makeListClusters({
  registry,
}: {
  readonly registry: Pick<Registry, 'list'>;
}): CarryOut<'cluster.list'> {
  return async () => {
    const records = await registry.list('cluster', { prefix: '', limit: clustersMax });
    return { result: { clusters: records.map(describe) } };
  };
}

function describe({ id, value }: RegistryRecord<'cluster'>): ClusterDescription {
  const { issuer, audience, keys, createdAt } = value;
  return { name: id, issuer, audience, keys: keys.map((key) => ({ ...key })), createdAt };
}
