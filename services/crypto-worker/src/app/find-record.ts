import { StrongroomError } from '@strongroom/errors';
import type { RecordKind } from '../domain/record.ts';
import type { Registry, RegistryRecord } from '../ports/registry.ts';

/** Throws `absent`, which the registry has proven. */
export async function findRecord<Kind extends RecordKind>(
  registry: Pick<Registry, 'read'>,
  kind: Kind,
  id: string,
): Promise<RegistryRecord<Kind>> {
  const record = await registry.read(kind, id);
  if (record === undefined) throw new StrongroomError('absent', { detail: kind });
  return record;
}

/** Throws `already-exists`. */
export async function requireAbsent(
  registry: Pick<Registry, 'read'>,
  kind: RecordKind,
  id: string,
): Promise<void> {
  if ((await registry.read(kind, id)) !== undefined)
    throw new StrongroomError('already-exists', { detail: kind });
}
