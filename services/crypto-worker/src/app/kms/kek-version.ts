import { StrongroomError } from '@strongroom/errors';
import { keyRefusal } from '../../domain/key.ts';
import { versionOfKmsKeyId } from '../../domain/kms-ciphertext.ts';
import type { KeyRecord, KeyVersionRecord } from '../../domain/record.ts';
import type { HsmKeyReference } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { UseKey } from '../key/use-key.ts';

export interface KekVersion {
  readonly key: KeyRecord;
  readonly version: KeyVersionRecord;
  readonly reference: HsmKeyReference;
}

export interface KekPorts {
  readonly registry: Pick<Registry, 'read'>;
  readonly useKey: UseKey;
}

export interface WantedKek {
  readonly group: string;
  readonly key: string;
  readonly provider: string;
}

/** The KEK of a provider as it may be used now. Throws `absent`, `key-purpose-refused`, what `useKey` throws. */
export async function findKek(
  { registry, useKey }: KekPorts,
  { group, key: name, provider }: WantedKek,
  principal: string,
  use: 'wrap' | 'unwrap',
  pick: (key: KeyRecord) => number = (key) => key.currentVersion,
): Promise<KekVersion> {
  const { value: key } = await findRecord(registry, 'key', `${group}/${name}`);
  // The state first: a suspended key answers so, whatever version is asked for.
  const code = keyRefusal(key, 'kek', use);
  if (code !== undefined) throw new StrongroomError(code);
  // A provider that nobody declared would be one that nobody asks before a version ends.
  if (key.providers.length > 0 && !key.providers.includes(provider))
    throw new StrongroomError('key-usage-refused', { detail: 'providers' });
  const version = useKey(key, { principal, purpose: 'kek', use, version: pick(key) });
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
