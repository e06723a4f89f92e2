/**
 * What time has done to a secret since somebody last looked: dates that come near are announced at 30, 7 and 1 days and when
 * they are past, each once; versions whose life is over are deleted; those past their undo period are destroyed.
 */
import type { DomainEvent } from '@strongroom/contracts';
import type { SecretRecord, SecretVersionEntry } from '../record.ts';
import { secretId } from './secret-context.ts';
import { destroyed, holdsItsValue, versionsToDestroy } from './secret-history.ts';
import { dayMs, isDeleted } from './version-state.ts';

const daysAnnounced = [0, 1, 7, 30] as const;

export type DueEvent = Pick<DomainEvent, 'name' | 'object' | 'version' | 'days'>;

export interface DueChanges {
  readonly secret: SecretRecord;
  /** Versions whose values are to be removed. */
  readonly destroyed: readonly number[];
  readonly events: readonly DueEvent[];
}

/** `undefined`: nothing is due. */
export function dueChanges(before: SecretRecord, at: string): DueChanges | undefined {
  const nowMs = Date.parse(at);
  const events: DueEvent[] = [];
  const object = `secret/${secretId(before.group, before.name)}`;
  const tell = (name: DueEvent['name'], version: number, days?: number) =>
    events.push({ name, object, version, ...(days === undefined ? {} : { days }) });
  const versions = before.versions.map((entry) => {
    if (!holdsItsValue(entry)) return entry;
    return announce(deleteInTime(entry, nowMs, tell), before.currentVersion, nowMs, tell);
  });
  const gone = versionsToDestroy({ ...before, versions }, nowMs);
  for (const version of gone) tell('secret.version.destroyed', version);
  if (events.length === 0) return undefined;
  const change = destroyed({ ...before, versions }, gone, at);
  return { secret: change.status === 'changed' ? change.secret : before, destroyed: gone, events };
}

type Tell = (name: DueEvent['name'], version: number, days?: number) => void;

function deleteInTime(entry: SecretVersionEntry, nowMs: number, tell: Tell): SecretVersionEntry {
  const { deleteAt, ...rest } = entry;
  if (deleteAt === undefined || entry.deletedAt !== undefined || !isDeleted(entry, nowMs)) return entry;
  tell('secret.version.deleted', entry.version);
  return { ...rest, deletedAt: deleteAt };
}

/** Of older versions only that they expired: nobody needs to be told to renew them. */
function announce(entry: SecretVersionEntry, current: number, nowMs: number, tell: Tell): SecretVersionEntry {
  if (isDeleted(entry, nowMs)) return entry;
  const { version, announced } = entry;
  const expiry = reached(entry.expiresAt, announced?.expiry, nowMs);
  const rotation = reached(entry.rotateBy, announced?.rotation, nowMs);
  const tellsExpiry = expiry !== undefined && (expiry === 0 || version === current);
  const tellsRotation = rotation !== undefined && version === current;
  if (tellsExpiry && expiry === 0) tell('secret.version.expired', version);
  else if (tellsExpiry) tell('secret.expiry.announced', version, expiry);
  if (tellsRotation) tell('secret.rotation.announced', version, rotation);
  if (!tellsExpiry && !tellsRotation) return entry;
  return {
    ...entry,
    announced: {
      ...announced,
      ...(tellsExpiry ? { expiry } : {}),
      ...(tellsRotation ? { rotation } : {}),
    },
  };
}

/** The smallest number of days that is reached and was not announced yet. */
function reached(date: string | undefined, announced: number | undefined, nowMs: number): number | undefined {
  if (date === undefined) return undefined;
  const leftMs = Date.parse(date) - nowMs;
  const days = daysAnnounced.find((each) => leftMs <= each * dayMs);
  return days === undefined || (announced !== undefined && announced <= days) ? undefined : days;
}
