/** What people set on a secret. What is not sent stays; `clear` takes away. */
import type { SecretUpdateRequest } from '@strongroom/contracts';
import type { ErrorCode } from '@strongroom/errors';
import type { SecretRecord, SecretVersionEntry } from '../record.ts';

export type Updated =
  | { readonly status: 'updated'; readonly secret: SecretRecord }
  | { readonly status: 'refused'; readonly code: ErrorCode; readonly detail: string };

export function updated(secret: SecretRecord, request: SecretUpdateRequest, at: string): Updated {
  const { labels, metadata, versionsMax, requiresExpectedVersion, versionLifeSeconds, policy } = request;
  const contradiction = request.clear?.find((field) => request[field] !== undefined);
  if (contradiction !== undefined) return refused('request-invalid', '/clear');
  const cleared = new Set<string>(request.clear);
  const settings = {
    labels,
    metadata,
    versionsMax,
    requiresExpectedVersion,
    versionLifeSeconds,
    policy,
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const kept = Object.entries(secret).filter(([field]) => !cleared.has(field));
  const next = { ...Object.fromEntries(kept), ...Object.fromEntries(given), updatedAt: at } as SecretRecord;
  return withDates(next, request, cleared);
}

function withDates(
  secret: SecretRecord,
  request: SecretUpdateRequest,
  cleared: ReadonlySet<string>,
): Updated {
  const { expiresAt, rotateBy, version = secret.currentVersion } = request;
  const isAboutDates =
    expiresAt !== undefined || rotateBy !== undefined || cleared.has('expiresAt') || cleared.has('rotateBy');
  if (!isAboutDates) {
    if (request.version === undefined) return { status: 'updated', secret };
    return refused('request-invalid', '/version');
  }
  if (!secret.versions.some((entry) => entry.version === version)) return refused('absent', 'version');
  const versions = secret.versions.map((entry) =>
    entry.version === version ? dated(entry, { expiresAt, rotateBy }, cleared) : entry,
  );
  return { status: 'updated', secret: { ...secret, versions } };
}

/** A new date is announced anew, and gives an expired version back: somebody with the privilege says so. */
function dated(
  { announced, ...entry }: SecretVersionEntry,
  dates: { readonly expiresAt: string | undefined; readonly rotateBy: string | undefined },
  cleared: ReadonlySet<string>,
): SecretVersionEntry {
  const { expiresAt, rotateBy, ...rest } = entry;
  const next = {
    expiresAt: dates.expiresAt ?? (cleared.has('expiresAt') ? undefined : expiresAt),
    rotateBy: dates.rotateBy ?? (cleared.has('rotateBy') ? undefined : rotateBy),
  };
  const told = {
    ...(next.expiresAt === expiresAt && announced?.expiry !== undefined ? { expiry: announced.expiry } : {}),
    ...(next.rotateBy === rotateBy && announced?.rotation !== undefined
      ? { rotation: announced.rotation }
      : {}),
  };
  return {
    ...rest,
    ...(next.expiresAt === undefined ? {} : { expiresAt: next.expiresAt }),
    ...(next.rotateBy === undefined ? {} : { rotateBy: next.rotateBy }),
    ...(Object.keys(told).length === 0 ? {} : { announced: told }),
  };
}

const refused = (code: ErrorCode, detail: string): Updated => ({ status: 'refused', code, detail });
