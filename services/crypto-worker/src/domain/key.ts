/** Keys as people manage them: how a record comes to be, which transitions there are, which version does what. */
import type { KeyDescription, KeyPurpose, KeyState } from '@strongroom/contracts';
import type { ErrorCode } from '@strongroom/errors';
import type { KeyRecord, KeyVersionRecord } from './record.ts';

export type KeyMaterial = KeyVersionRecord['material'];

export type KeyChange =
  | { readonly status: 'changed'; readonly key: KeyRecord }
  | { readonly status: 'refused'; readonly code: ErrorCode };

const versionsMax = 1_000;

export interface NewKey {
  readonly id: string;
  readonly group: string;
  readonly name: string;
  readonly purpose: KeyPurpose;
  readonly policy: string | undefined;
  readonly createdAt: string;
  readonly material: KeyMaterial;
}

export function newKey({ material, createdAt, policy, ...named }: NewKey): KeyRecord {
  return {
    ...named,
    ...(policy === undefined ? {} : { policy }),
    state: 'active',
    currentVersion: 1,
    versions: [{ version: 1, state: 'active', createdAt, material }],
    createdAt,
  };
}

export function canRotate(key: KeyRecord): boolean {
  return key.state === 'active' && key.versions.length < versionsMax;
}

/**
 * Adds a version and makes it the current one. Older versions of a data key only decrypt from now on. Those of a KEK stay
 * active: an API server asks its provider to wrap under the version that it knows before it reads anything.
 */
export function rotated(key: KeyRecord, material: KeyMaterial, createdAt: string): KeyRecord {
  const version = nextVersion(key);
  const older = key.versions.map((each) =>
    key.purpose === 'data' && each.state === 'active' ? { ...each, state: 'deactivated' as const } : each,
  );
  return {
    ...key,
    currentVersion: version,
    versions: [...older, { version, state: 'active', createdAt, material }],
  };
}

export function nextVersion(key: KeyRecord): number {
  return Math.max(...key.versions.map(({ version }) => version)) + 1;
}

/** The states of NIST SP 800-57 part 1 section 7 that people move a whole key between. */
export function changedState(key: KeyRecord, from: KeyState, to: KeyState): KeyChange {
  if (key.state !== from) return { status: 'refused', code: 'key-state-refused' };
  return { status: 'changed', key: { ...key, state: to } };
}

export type UsableVersion =
  | { readonly status: 'usable'; readonly version: KeyVersionRecord }
  | { readonly status: 'refused'; readonly code: 'key-state-refused' | 'key-purpose-refused' | 'absent' };

/** What the version is wanted for: `protect` makes new ciphertexts, `process` reads old ones. */
export function versionFor(
  key: KeyRecord,
  purpose: KeyPurpose,
  use: 'protect' | 'process',
  version: number = key.currentVersion,
): UsableVersion {
  if (key.purpose !== purpose) return { status: 'refused', code: 'key-purpose-refused' };
  if (key.state !== 'active') return { status: 'refused', code: 'key-state-refused' };
  const found = key.versions.find((each) => each.version === version);
  if (found === undefined) return { status: 'refused', code: 'absent' };
  const isAllowed = found.state === 'active' || (use === 'process' && found.state === 'deactivated');
  return isAllowed ? { status: 'usable', version: found } : { status: 'refused', code: 'key-state-refused' };
}

/** Never material, never labels. */
export function describeKey(key: KeyRecord): KeyDescription {
  const { group, name, id, purpose, state, currentVersion, versions, policy, createdAt } = key;
  return {
    group,
    name,
    id,
    purpose,
    algorithm: 'aes-256',
    protection: 'hsm',
    state,
    currentVersion,
    versions: versions.map((each) => ({
      version: each.version,
      state: each.state,
      createdAt: each.createdAt,
    })),
    ...(policy === undefined ? {} : { policy }),
    createdAt,
  };
}
