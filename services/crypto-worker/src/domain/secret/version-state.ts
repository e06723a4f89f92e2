/**
 * What a version of a secret is at a moment. What somebody did (deleted, destroyed) holds whatever the clock says; what a
 * date does is noticed in the background and then holds too (`announced`), so a clock that is set back revives nothing.
 */
import type { SecretVersionState } from '@strongroom/contracts';
import type { ErrorCode } from '@strongroom/errors';
import type { SecretRecord, SecretVersionEntry } from '../record.ts';

export const dayMs = 86_400_000;
const undoMs = 30 * dayMs;

/** `policy`: nothing of a guarded secret is destroyed but by its quorum. */
export type Guard = Pick<SecretRecord, 'policy'>;

export function stateOf(entry: SecretVersionEntry, guard: Guard, nowMs: number): SecretVersionState {
  if (entry.destroyedAt !== undefined || isUndoOver(entry, guard, nowMs)) return 'destroyed';
  if (isDeleted(entry, nowMs)) return 'deleted';
  return isExpired(entry, nowMs) ? 'expired' : 'live';
}

export function isDeleted({ deletedAt, deleteAt }: SecretVersionEntry, nowMs: number): boolean {
  return deletedAt !== undefined || (deleteAt !== undefined && Date.parse(deleteAt) <= nowMs);
}

function isExpired({ expiresAt, announced }: SecretVersionEntry, nowMs: number): boolean {
  return announced?.expiry === 0 || (expiresAt !== undefined && Date.parse(expiresAt) <= nowMs);
}

/** RFC 3339; `undefined` where it can be had back without end, or is not deleted. */
export function undeleteUntil(entry: SecretVersionEntry, { policy }: Guard): string | undefined {
  const since = entry.deletedAt ?? entry.deleteAt;
  if (since === undefined || policy !== undefined) return undefined;
  return new Date(Date.parse(since) + undoMs).toISOString();
}

export function isUndoOver(entry: SecretVersionEntry, guard: Guard, nowMs: number): boolean {
  const until = undeleteUntil(entry, guard);
  return until !== undefined && Date.parse(until) <= nowMs;
}

export type FoundVersion =
  | { readonly status: 'found'; readonly entry: SecretVersionEntry }
  | { readonly status: 'refused'; readonly code: ErrorCode };

/** The version that may be read now, or the code that says why there is none. Without a number the current one. */
export function readableVersion(
  secret: SecretRecord,
  wanted: number | undefined,
  nowMs: number,
): FoundVersion {
  const version = wanted ?? secret.currentVersion;
  if (version < 1 || version > secret.currentVersion) return { status: 'refused', code: 'absent' };
  const entry = secret.versions.find((each) => each.version === version);
  // It was there once: retention took it.
  if (entry === undefined) return { status: 'refused', code: 'secret-destroyed' };
  const state = stateOf(entry, secret, nowMs);
  return state === 'live' ? { status: 'found', entry } : { status: 'refused', code: `secret-${state}` };
}
