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
    return { result: describeCluster(record), version: record.version };
  };
}

export function makeListClusters({
  registry,
}: {
  readonly registry: Pick<Registry, 'list'>;
}): CarryOut<'cluster.list'> {
  return async () => {
    const records = await registry.list('cluster', { prefix: '', limit: clustersMax });
    return { result: { clusters: records.map(describeCluster) } };
  };
}

export function describeCluster({
  id,
  value,
}: Pick<RegistryRecord<'cluster'>, 'id' | 'value'>): ClusterDescription {
  const { issuer, audience, keys, keySource, state, createdAt } = value;
  return {
    name: id,
    issuer,
    audience,
    keys: keys.map((key) => ({ ...key })),
    ...(keySource === undefined ? {} : { keySource }),
    state,
    createdAt,
  };
}
