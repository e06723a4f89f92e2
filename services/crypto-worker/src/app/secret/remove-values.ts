import { secretVersionId } from '../../domain/secret/secret-context.ts';
import type { RecordChange, Registry } from '../../ports/registry.ts';

/**
 * Removes wrapped DEK and value. The registry proves from then on that there is none, so a row that comes back is refused.
 * What copies of the database still hold is opened by the group's KEK alone, until that is rotated and destroyed.
 */
export async function removeValues(
  registry: Pick<Registry, 'versionOf'>,
  { group, name }: { readonly group: string; readonly name: string },
  versions: readonly number[],
): Promise<readonly RecordChange[]> {
  const changes: RecordChange[] = [];
  for (const version of versions) {
    const id = secretVersionId(group, name, version);
    const expectedVersion = await registry.versionOf('secret-version', id);
    if (expectedVersion > 0) changes.push({ kind: 'secret-version', id, expectedVersion, value: undefined });
  }
  return changes;
}
