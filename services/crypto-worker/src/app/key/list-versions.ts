import { describeVersion } from '../../domain/key.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';

export function makeListVersions({
  registry,
}: {
  readonly registry: Pick<Registry, 'read'>;
}): CarryOut<'key.list-versions'> {
  return async ({ params: { group, name, limit, above = 0 } }) => {
    const { value } = await findRecord(registry, 'key', `${group}/${name}`);
    const rest = value.versions.filter(({ version }) => version > above);
    const versions = rest.slice(0, limit).map(describeVersion);
    const last = versions.at(-1);
    const isMore = rest.length > limit && last !== undefined;
    return { result: { versions, ...(isMore ? { next: last.version } : {}) } };
  };
}
