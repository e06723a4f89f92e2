import { StrongroomError } from '@strongroom/errors';
import { versionFor } from '../../domain/key.ts';
import { versionOfKmsKeyId } from '../../domain/kms-ciphertext.ts';
import type { KeyRecord, KeyVersionRecord } from '../../domain/record.ts';
import type { HsmKeyReference } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';

export interface KekVersion {
  readonly key: KeyRecord;
  readonly version: KeyVersionRecord;
  readonly reference: HsmKeyReference;
}

/** The KEK of a provider as it may be used now. Throws `absent`, `key-purpose-refused`, `key-state-refused`. */
export async function findKek(
  registry: Pick<Registry, 'read'>,
  { group, key: name }: { readonly group: string; readonly key: string },
  use: 'protect' | 'process',
  pick: (key: KeyRecord) => number = (key) => key.currentVersion,
): Promise<KekVersion> {
  const { value: key } = await findRecord(registry, 'key', `${group}/${name}`);
  // The state first: a suspended key answers so, whatever version is asked for.
  const current = versionFor(key, 'kek', use);
  if (current.status === 'refused') throw new StrongroomError(current.code);
  const found = versionFor(key, 'kek', use, pick(key));
  if (found.status === 'refused') throw new StrongroomError(found.code);
  const { version } = found;
  if (version.material.kind !== 'token')
    throw new StrongroomError('record-tampered', { detail: 'KEK material' });
  return { key, version, reference: version.material };
}

/** Picks the version that an opaque id stands for, or throws the given refusal. */
export function byKmsKeyId(
  keyId: string,
  provider: string,
  otherwise: 'version-conflict' | 'ciphertext-invalid',
) {
  return (key: KeyRecord): number => {
    const version = versionOfKmsKeyId(keyId, provider, key);
    if (version === undefined) throw new StrongroomError(otherwise, { detail: 'keyId' });
    return version.version;
  };
}
