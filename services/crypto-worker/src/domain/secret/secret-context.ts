/** Names of a secret version's records, and what its value and its DEK are bound to. */
import { canonicalBytes } from '@strongroom/canonical';
import type { SecretKind } from '@strongroom/contracts';

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

/** `undefined` for what is no id of a version. */
export function readSecretVersionId(id: string): Omit<SecretContext, 'tenant' | 'kind'> | undefined {
  const [, group, name, version] = /^([^/]+)\/([^/]+)\/([1-9]\d*)$/.exec(id) ?? [];
  if (group === undefined || name === undefined) return undefined;
  return { group, name, version: Number(version) };
}
