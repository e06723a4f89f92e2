/** A secret version: which context its value and its DEK are bound to, and how its record grows. */
import { canonicalBytes } from '@strongroom/canonical';
import type { SecretDescription, SecretKind } from '@strongroom/contracts';
import type { SecretRecord } from './record.ts';

const versionsMax = 1_000;

export interface SecretContext {
  readonly tenant: string;
  readonly group: string;
  readonly name: string;
  readonly version: number;
  readonly kind: SecretKind;
}

/** A row that is copied to another secret or version opens nowhere (I9). */
export function secretAssociatedData({ tenant, group, name, version, kind }: SecretContext): Uint8Array {
  return canonicalBytes({ tenant, group, name, version, kind, use: 'secret' });
}

export const secretId = (group: string, name: string): string => `${group}/${name}`;
export const secretVersionId = (group: string, name: string, version: number): string =>
  `${group}/${name}/${version}`;

export function hasRoomForVersion(secret: SecretRecord): boolean {
  return secret.versions.length < versionsMax;
}

/** The secret with one version more; made where there was none. */
export function withVersion(
  secret: SecretRecord | undefined,
  { group, name, version, kind }: Omit<SecretContext, 'tenant'>,
  createdAt: string,
): SecretRecord {
  return {
    group,
    name,
    kind,
    currentVersion: version,
    versions: [...(secret?.versions ?? []), { version, createdAt }],
    createdAt: secret?.createdAt ?? createdAt,
  };
}

/** Never the value, its length or a hash of it. */
export function describeSecret(secret: SecretRecord): SecretDescription {
  const { group, name, kind, currentVersion, versions, createdAt } = secret;
  return { group, name, kind, currentVersion, versions: versions.map((each) => ({ ...each })), createdAt };
}
