/**
 * Groups and their KEKs. A value stays readable under the KEK that its record names; after a rotation a walk over all values
 * of the group brings them under the newest one. A write that began before the rotation may still commit under the old KEK,
 * so only a walk that began when all of those were over is the last.
 */
import { type GroupDescription, requestLifetimeMsMax } from '@strongroom/contracts';
import type { GroupRecord, ReencryptionRecord } from './record.ts';

/** The longest that an operation may take, that a worker may not know of the rotation, and that clocks may differ. */
const stragglersMs = requestLifetimeMsMax + 30_000;
const rotationsMax = 1_000;

export interface NewKek {
  readonly label: string;
  readonly at: string;
}

export function newGroup(name: string, { label, at }: NewKek, policy?: string): GroupRecord {
  return {
    name,
    kekLabel: label,
    kekVersion: 1,
    kekCreatedAt: at,
    formerKeks: [],
    ...(policy === undefined ? {} : { policy }),
    createdAt: at,
  };
}

export const nextKekVersion = ({ kekVersion }: GroupRecord): number => kekVersion + 1;
export const canRotateKek = ({ kekVersion }: GroupRecord): boolean => kekVersion < rotationsMax;

/** Starts the walk, or starts it again where one is under way. */
export function withKek({ rotateAt: _, ...group }: GroupRecord, { label, at }: NewKek): GroupRecord {
  return {
    ...group,
    kekLabel: label,
    kekVersion: nextKekVersion(group),
    kekCreatedAt: at,
    formerKeks: [...group.formerKeks, { version: group.kekVersion, label: group.kekLabel }],
    reencryption: { startedAt: at, walkStartedAt: at, reencrypted: 0 },
  };
}

/** Why former KEKs may still be needed; `undefined` where the last walk has met every value and left none behind. */
export function needOfFormerKeks({ reencryption }: GroupRecord): string | undefined {
  if (reencryption?.finishedAt === undefined) return 're-encryption is not finished';
  return reencryption.skipped === undefined ? undefined : `${reencryption.skipped} values are left behind`;
}

/** The walk that is under way; `undefined` where none is. */
export function walkOf({ reencryption }: GroupRecord): ReencryptionRecord | undefined {
  return reencryption?.finishedAt === undefined ? reencryption : undefined;
}

export interface Progress {
  readonly reencrypted: number;
  readonly skipped: number;
}

export function walked(walk: ReencryptionRecord, after: string, progress: Progress): ReencryptionRecord {
  return { ...passed(walk, progress.skipped), after, reencrypted: walk.reencrypted + progress.reencrypted };
}

function passed(walk: ReencryptionRecord, skipped: number): ReencryptionRecord {
  return skipped === 0 ? walk : { ...walk, skipped: (walk.skipped ?? 0) + skipped };
}

/** At the end of a walk: it was the last, or another has to begin, at `at`; or not yet. */
export function endOfWalk(
  walk: ReencryptionRecord,
  at: string,
  skipped: number,
): ReencryptionRecord | undefined {
  const { after: _, ...rest } = passed(walk, skipped);
  const startedMs = Date.parse(walk.startedAt);
  if (Date.parse(walk.walkStartedAt) - startedMs >= stragglersMs) return { ...rest, finishedAt: at };
  if (Date.parse(at) - startedMs < stragglersMs) return undefined;
  const { skipped: _skipped, ...again } = rest;
  return { ...again, walkStartedAt: at };
}

export function describeGroup(group: GroupRecord, versions: number): GroupDescription {
  const { name, kekVersion, kekCreatedAt, formerKeks, reencryption, policy, createdAt } = group;
  return {
    group: name,
    kekVersion,
    kekCreatedAt,
    formerKeks: formerKeks.length,
    ...(reencryption === undefined ? {} : { reencryption: describeWalk(reencryption, versions) }),
    ...(policy === undefined ? {} : { policy }),
    createdAt,
  };
}

function describeWalk({ startedAt, finishedAt, reencrypted, skipped }: ReencryptionRecord, total: number) {
  return {
    state: finishedAt === undefined ? ('running' as const) : ('finished' as const),
    startedAt,
    ...(finishedAt === undefined ? {} : { finishedAt }),
    reencrypted,
    ...(skipped === undefined ? {} : { skipped }),
    total,
  };
}
