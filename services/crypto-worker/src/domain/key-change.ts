/** Transitions of a key or of one of its versions: the table of states, and what the platform asks beyond it. */
import type { ErrorCode } from '@strongroom/errors';
import { findVersion } from './key.ts';
import { type KeyTransition, stateAfter, stateRefusal } from './key-state.ts';
import type { KeyRecord, KeyVersionRecord } from './record.ts';

export type KeyChange =
  | { readonly status: 'changed'; readonly key: KeyRecord }
  | { readonly status: 'refused'; readonly code: ErrorCode };

/** Of a key, or of a version of it. */
type Lifetime = Pick<KeyRecord | KeyVersionRecord, 'state' | 'destroyAt'>;

export interface WantedChange {
  readonly transition: KeyTransition;
  /** Absent: the key itself. */
  readonly version?: number | undefined;
  /** When the material is to be destroyed; only with `schedule-destruction`. */
  readonly destroyAt?: string;
}

/** What ends protection, and so must not happen to a KEK version that API servers may ask for (DESIGN, section 8). */
const ending: ReadonlySet<KeyTransition> = new Set(['deactivate', 'schedule-destruction', 'destroy']);

export function changedKey(key: KeyRecord, wanted: WantedChange): KeyChange {
  const { transition, version } = wanted;
  const target = version === undefined ? key : findVersion(key, version);
  if (target === undefined) return refused('absent');
  // Nothing is done to the versions of a key that is gone or going.
  if (version !== undefined && key.state === 'destroyed') return refused('key-destroyed');
  if (version !== undefined && key.destroyAt !== undefined) return refused('key-destruction-pending');
  const code = refusalOf(target, transition) ?? guardOf(key, wanted);
  if (code !== undefined) return refused(code);
  if (version === undefined) return { status: 'changed', key: ofWhole(applied(key, wanted)) };
  const versions = key.versions.map((each) => (each === target ? applied(each, wanted) : each));
  return { status: 'changed', key: { ...key, versions } };
}

/** The end of a key is the end of all its versions; every other state of it stands above theirs. */
function ofWhole(key: KeyRecord): KeyRecord {
  if (key.state !== 'destroyed') return key;
  const versions = key.versions.map(({ destroyAt: _, ...each }) => ({
    ...each,
    state: 'destroyed' as const,
  }));
  return { ...key, versions };
}

function applied<Target extends Lifetime>(target: Target, { transition, destroyAt }: WantedChange): Target {
  const { destroyAt: pending, ...rest } = target;
  const state = stateAfter(target.state, transition) ?? target.state;
  const end =
    transition === 'schedule-destruction'
      ? destroyAt
      : transition === 'mark-compromised'
        ? pending
        : undefined;
  return { ...rest, state, ...(end === undefined ? {} : { destroyAt: end }) } as Target;
}

const refused = (code: ErrorCode): KeyChange => ({ status: 'refused', code });

function refusalOf({ state, destroyAt }: Lifetime, transition: KeyTransition): ErrorCode | undefined {
  const code = stateRefusal(state, transition);
  if (code !== undefined) return code;
  const isPending = destroyAt !== undefined;
  const needsPending = transition === 'cancel-destruction' || transition === 'destroy';
  if (needsPending) return isPending ? undefined : 'key-destruction-absent';
  // That material may be known is never news too late.
  return isPending && transition !== 'mark-compromised' ? 'key-destruction-pending' : undefined;
}

function guardOf(key: KeyRecord, { transition, version }: WantedChange): ErrorCode | undefined {
  if (key.protected && transition === 'schedule-destruction') return 'key-protected';
  const isListed = key.providers.length > 0 && (version ?? key.currentVersion) >= key.minimumVersion;
  return isListed && ending.has(transition) ? 'key-in-use' : undefined;
}
