import { encodeBytes } from '@strongroom/canonical';
import type { SecretReadReply } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { secretId, secretVersionId } from '../../domain/secret-value.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import { openSecret } from './secret-box.ts';

export interface ReadSecretPorts {
  readonly tenant: string;
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'decrypt'>;
}

export interface SecretReference {
  readonly group: string;
  readonly name: string;
  readonly version?: number;
}

/** Throws `absent` for a secret or version that there is not, `record-tampered` for one that is not what was written. */
export async function readSecretVersion(
  { tenant, registry, hsm }: ReadSecretPorts,
  { group, name, version: wanted }: SecretReference,
): Promise<SecretReadReply> {
  const { value: secret } = await findRecord(registry, 'secret', secretId(group, name));
  const version = wanted ?? secret.currentVersion;
  if (!secret.versions.some((each) => each.version === version))
    throw new StrongroomError('absent', { detail: 'version' });
  const record = await registry.read('secret-version', secretVersionId(group, name, version));
  // The secret says that there is one.
  if (record === undefined) throw new StrongroomError('record-tampered', { detail: 'secret-version' });
  const { kind } = secret;
  using value = await openSecret(hsm, record.value, { tenant, group, name, version, kind });
  return { group, name, kind, version, value: value.use(encodeBytes) };
}
