import { StrongroomError } from '@strongroom/errors';
import { findVersion } from '../../domain/key.ts';
import type { KeyRecord, KeyVersionRecord } from '../../domain/record.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';

export interface WantedVersion {
  readonly group: string;
  readonly name: string;
  /** Absent: the current one. */
  readonly version?: number;
}

/** A version in whatever state; what is to be done with it decides which states it may be in. Throws `absent`. */
export async function findKeyVersion(
  registry: Pick<Registry, 'read'>,
  { group, name, version }: WantedVersion,
): Promise<{ readonly key: KeyRecord; readonly found: KeyVersionRecord }> {
  const { value: key } = await findRecord(registry, 'key', `${group}/${name}`);
  const found = findVersion(key, version ?? key.currentVersion);
  if (found === undefined) throw new StrongroomError('absent', { detail: 'version' });
  return { key, found };
}
