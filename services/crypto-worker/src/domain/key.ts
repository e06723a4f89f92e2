/** Keys as people manage them: how a record comes to be, how it changes, which version does what. */
import {
  type KeyDescription,
  type KeyOrigin,
  type KeyPurpose,
  type KeyType,
  type KeyUsage,
  type KeyUse,
  type KeyVersion,
  keyFit,
  type ProtectionLevel,
} from '@strongroom/contracts';
import type { ErrorCode } from '@strongroom/errors';
import { stateRefusal } from './key-state.ts';
import type { KeyMaterial, KeyRecord, KeyVersionRecord } from './record.ts';

const versionsMax = 1_000;
const dayMs = 24 * 3_600_000;

/** What a version is made of, as the HSM answered it. */
export interface NewMaterial {
  readonly material: KeyMaterial;
  readonly origin: KeyOrigin;
  readonly publicKey?: string;
  readonly checkValue?: string;
}

export interface KeyNature {
  readonly purpose: KeyPurpose;
  readonly type: KeyType;
  readonly protection: ProtectionLevel;
  readonly exportable: boolean;
}

export interface NewKey extends KeyNature {
  readonly id: string;
  readonly group: string;
  readonly name: string;
  readonly policy?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly usage?: KeyUsage | undefined;
  readonly rotationDays?: number | undefined;
  readonly preActive?: boolean | undefined;
  readonly createdAt: string;
  readonly made: NewMaterial;
}

/** Whether there are keys like this at all; whether a token can make one is the token's answer. */
export function natureRefusal({ purpose, type, protection, exportable }: KeyNature): ErrorCode | undefined {
  const fit = keyFit(type, purpose);
  if (fit === undefined || !fit.protections.includes(protection)) return 'key-type-refused';
  // A KEK stays (I1), and what is in software has no place where its leaving could be guarded.
  const mayLeave = purpose !== 'kek' && protection === 'hsm';
  return exportable && !mayLeave ? 'key-type-refused' : undefined;
}

export function newKey(key: NewKey): KeyRecord {
  const { id, group, name, purpose, type, protection, exportable, createdAt, made } = key;
  const { policy, labels = {}, usage = {}, rotationDays, preActive = false } = key;
  const state = preActive ? 'pre-active' : 'active';
  return {
    id,
    group,
    name,
    purpose,
    type,
    protection,
    exportable,
    state,
    currentVersion: 1,
    minimumVersion: 1,
    versions: [{ version: 1, state: 'active', createdAt, ...made }],
    labels,
    usage,
    ...(policy === undefined ? {} : { policy }),
    ...rotationEvery(rotationDays, createdAt),
    providers: [],
    protected: false,
    createdAt,
  };
}

export function rotationEvery(
  days: number | undefined,
  from: string,
): Pick<KeyRecord, 'rotationDays' | 'rotateAt'> {
  if (days === undefined) return {};
  return { rotationDays: days, rotateAt: new Date(Date.parse(from) + days * dayMs).toISOString() };
}

/** The code of the refusal, or `undefined`. */
export function rotationRefusal(key: KeyRecord): ErrorCode | undefined {
  if (key.destroyAt !== undefined) return 'key-destruction-pending';
  return (
    stateRefusal(key.state, 'rotate') ?? (key.versions.length < versionsMax ? undefined : 'key-versions-full')
  );
}

/**
 * Adds a version and makes it the current one. Older versions only open and verify from now on. Those of a KEK stay active: an
 * API server asks its provider to wrap under the version that it knows before it reads anything.
 */
export function rotated(key: KeyRecord, made: NewMaterial, createdAt: string): KeyRecord {
  const version = nextVersion(key);
  const { rotateAt: _, ...rest } = key;
  const older = key.versions.map((each) =>
    key.purpose !== 'kek' && each.state === 'active' ? { ...each, state: 'deactivated' as const } : each,
  );
  return {
    ...rest,
    currentVersion: version,
    versions: [...older, { version, state: 'active', createdAt, ...made }],
    ...rotationEvery(key.rotationDays, createdAt),
  };
}

export function nextVersion(key: KeyRecord): number {
  return Math.max(...key.versions.map(({ version }) => version)) + 1;
}

export function findVersion(key: KeyRecord, version: number): KeyVersionRecord | undefined {
  return key.versions.find((each) => each.version === version);
}

export type UsableVersion =
  | { readonly status: 'usable'; readonly version: KeyVersionRecord }
  | { readonly status: 'refused'; readonly code: ErrorCode };

/** Purpose first, then the key, then the version: `absent` for one that there is not. */
export function versionFor(
  key: KeyRecord,
  purpose: KeyPurpose,
  use: KeyUse,
  version: number = key.currentVersion,
): UsableVersion {
  const ofKey = keyRefusal(key, purpose, use);
  if (ofKey !== undefined) return refused(ofKey);
  const found = findVersion(key, version);
  if (found === undefined) return refused('absent');
  if (version < key.minimumVersion) return refused('key-version-withheld');
  const ofVersion = useRefusal(found, use);
  return ofVersion === undefined ? { status: 'usable', version: found } : refused(ofVersion);
}

/** What refuses whatever version is asked for. */
export function keyRefusal(key: KeyRecord, purpose: KeyPurpose, use: KeyUse): ErrorCode | undefined {
  return key.purpose === purpose ? useRefusal(key, use) : 'key-purpose-refused';
}

const refused = (code: ErrorCode): UsableVersion => ({ status: 'refused', code });

function useRefusal(
  { state, destroyAt }: Pick<KeyRecord | KeyVersionRecord, 'state' | 'destroyAt'>,
  use: KeyUse,
): ErrorCode | undefined {
  return destroyAt === undefined ? stateRefusal(state, use) : 'key-destruction-pending';
}

/** Never material, never labels of the token. */
export function describeKey({ versions: _, providers, ...key }: KeyRecord): KeyDescription {
  return { ...key, providers: [...providers] };
}

export function describeVersion({ material: _, publicKey: _key, ...version }: KeyVersionRecord): KeyVersion {
  return version;
}
