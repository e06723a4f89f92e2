import { encodeBytes } from '@strongroom/canonical';
import type { SecretReadReply } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { SecretBytes } from '@strongroom/secret';
import type { SecretRecord, SecretVersionEntry, SecretVersionRecord } from '../../domain/record.ts';
import { secretId, secretVersionId } from '../../domain/secret/secret-context.ts';
import { readableVersion } from '../../domain/secret/version-state.ts';
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

export interface FoundSecret {
  readonly secret: SecretRecord;
  readonly entry: SecretVersionEntry;
  readonly sealed: SecretVersionRecord;
}

/**
 * Throws `absent` for a secret or version that there never was, `secret-expired`, `secret-deleted` or `secret-destroyed` for one
 * that was there, `record-tampered` for one that is not what was written.
 */
export async function findSecretVersion(
  { registry }: Pick<ReadSecretPorts, 'registry'>,
  { group, name, version: wanted }: SecretReference,
  at: string,
): Promise<FoundSecret> {
  const { value: secret } = await findRecord(registry, 'secret', secretId(group, name));
  const found = readableVersion(secret, wanted, Date.parse(at));
  if (found.status === 'refused') throw new StrongroomError(found.code, { detail: 'version' });
  const { entry } = found;
  const record = await registry.read('secret-version', secretVersionId(group, name, entry.version));
  // The secret says that there is one.
  if (record === undefined) throw new StrongroomError('record-tampered', { detail: 'secret-version' });
  return { secret, entry, sealed: record.value };
}

/** Whoever takes the value disposes of it. */
export function openVersion(
  { tenant, hsm }: Pick<ReadSecretPorts, 'tenant' | 'hsm'>,
  { secret: { group, name, kind }, entry: { version }, sealed }: FoundSecret,
): Promise<SecretBytes> {
  return openSecret(hsm, sealed, { tenant, group, name, version, kind });
}

export async function readFound(ports: ReadSecretPorts, found: FoundSecret): Promise<SecretReadReply> {
  const { group, name, kind } = found.secret;
  const { version, expiresAt, rotateBy } = found.entry;
  using value = await openVersion(ports, found);
  return {
    group,
    name,
    kind,
    version,
    value: value.use(encodeBytes),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(rotateBy === undefined ? {} : { rotateBy }),
  };
}
