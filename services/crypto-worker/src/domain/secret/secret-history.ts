/** How a secret's record grows and shrinks. Version numbers only count up: what was one version is never another. */
import type { SecretKind } from '@strongroom/contracts';
import { secretVersionsMax } from '@strongroom/contracts';
import type { ErrorCode } from '@strongroom/errors';
import type { SecretRecord, SecretVersionEntry } from '../record.ts';
import { isDeleted, isUndoOver, stateOf } from './version-state.ts';

const versionsKeptDefault = 10;

export interface SecretPlace {
  readonly group: string;
  readonly name: string;
  readonly kind: SecretKind;
}

export function newSecret({ group, name, kind }: SecretPlace, at: string): SecretRecord {
  return {
    group,
    name,
    kind,
    currentVersion: 0,
    versions: [],
    labels: {},
    metadata: {},
    versionsMax: versionsKeptDefault,
    requiresExpectedVersion: false,
    createdAt: at,
    updatedAt: at,
  };
}

/** `undefined`: a version may be added. */
export function obstacleToWrite(
  secret: SecretRecord,
  kind: SecretKind,
  expectedVersion: number | undefined,
): { readonly code: ErrorCode; readonly detail?: string } | undefined {
  if (expectedVersion === undefined && secret.requiresExpectedVersion)
    return { code: 'version-conflict', detail: 'the secret wants to know which version the writer saw' };
  if (expectedVersion !== undefined && expectedVersion !== secret.currentVersion)
    return { code: 'version-conflict' };
  // Values are bound to the kind: it can change only when none is left.
  const holdsValue = secret.versions.some(({ destroyedAt }) => destroyedAt === undefined);
  if (secret.kind !== kind && holdsValue) return { code: 'already-exists', detail: 'of another kind' };
  const kept = secret.policy === undefined ? [] : secret.versions.filter(holdsItsValue);
  if (kept.length >= secretVersionsMax)
    return { code: 'version-conflict', detail: 'too many versions: its quorum has to destroy some' };
  return undefined;
}

export interface WithVersion {
  readonly secret: SecretRecord;
  /** Versions whose values go with this change. */
  readonly destroyed: readonly number[];
}

/** One version more; retention takes the oldest, of a guarded secret only what its quorum destroyed before. */
export function withVersion(
  secret: SecretRecord,
  { kind, dates, at }: { readonly kind: SecretKind; readonly dates: VersionDates; readonly at: string },
): WithVersion {
  const version = secret.currentVersion + 1;
  const { versionLifeSeconds: life } = secret;
  const deleteAt = life === undefined ? {} : { deleteAt: later(at, life * 1_000) };
  const versions = [...secret.versions, { version, createdAt: at, ...dates, ...deleteAt }];
  const surplus = versions.slice(0, Math.max(0, versions.length - secret.versionsMax));
  const taken = surplus.filter((entry) => secret.policy === undefined || !holdsItsValue(entry));
  return {
    secret: {
      ...secret,
      kind,
      currentVersion: version,
      versions: versions.filter((entry) => !taken.includes(entry)),
      updatedAt: at,
    },
    destroyed: taken.filter(holdsItsValue).map((entry) => entry.version),
  };
}

export interface VersionDates {
  readonly expiresAt?: string;
  readonly rotateBy?: string;
}

export type Changed =
  | { readonly status: 'changed'; readonly secret: SecretRecord; readonly versions: readonly number[] }
  | { readonly status: 'refused'; readonly code: ErrorCode };

/** Without numbers: all that are there. Deleting what is deleted changes nothing. */
export function deleted(secret: SecretRecord, wanted: readonly number[] | undefined, at: string): Changed {
  const nowMs = Date.parse(at);
  return change(secret, wanted, at, (entry) =>
    holdsItsValue(entry) && !isDeleted(entry, nowMs) ? { ...entry, deletedAt: at } : undefined,
  );
}

/** Expiry stays: a version that expired meanwhile is there again, and still refused. */
export function undeleted(secret: SecretRecord, wanted: readonly number[] | undefined, at: string): Changed {
  const nowMs = Date.parse(at);
  const lost = secret.versions.filter((entry) => stateOf(entry, secret, nowMs) === 'destroyed');
  if (wanted?.some((version) => lost.some((entry) => entry.version === version)))
    return { status: 'refused', code: 'secret-destroyed' };
  return change(secret, wanted, at, (entry) => {
    if (lost.includes(entry) || !isDeleted(entry, nowMs)) return undefined;
    const { deletedAt: _, deleteAt: __, ...rest } = entry;
    return rest;
  });
}

export function destroyed(secret: SecretRecord, wanted: readonly number[], at: string): Changed {
  return change(secret, wanted, at, (entry) =>
    holdsItsValue(entry) ? { ...entry, destroyedAt: at } : undefined,
  );
}

function change(
  secret: SecretRecord,
  wanted: readonly number[] | undefined,
  at: string,
  apply: (entry: SecretVersionEntry) => SecretVersionEntry | undefined,
): Changed {
  const missing = wanted?.find((version) => !secret.versions.some((entry) => entry.version === version));
  if (missing !== undefined)
    return { status: 'refused', code: missing > secret.currentVersion ? 'absent' : 'secret-destroyed' };
  const versions: number[] = [];
  const entries = secret.versions.map((entry) => {
    const next = wanted === undefined || wanted.includes(entry.version) ? apply(entry) : undefined;
    if (next !== undefined) versions.push(entry.version);
    return next ?? entry;
  });
  const next = versions.length === 0 ? secret : { ...secret, versions: entries, updatedAt: at };
  return { status: 'changed', secret: next, versions };
}

export const holdsItsValue = ({ destroyedAt }: SecretVersionEntry): boolean => destroyedAt === undefined;

/** Versions past their undo period, whose values are still stored. */
export function versionsToDestroy(secret: SecretRecord, nowMs: number): readonly number[] {
  return secret.versions
    .filter((entry) => holdsItsValue(entry) && isUndoOver(entry, secret, nowMs))
    .map(({ version }) => version);
}

const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();
