/**
 * The oldest nats-server that is safe to trust with permissions: earlier ones have published bypasses of authorisation
 * (advisories of June 2026; wildcard overlap, queue subscriptions, trace destinations).
 */
import { StrongroomError } from '@strongroom/errors';

export const serverFloor = '2.14.3, or 2.12.12 of the 2.12 line';

/** A pre-release of a floor is older than the floor. */
export function isServerAccepted(version: string): boolean {
  const found = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.exec(version);
  if (found === null) return false;
  const [major, minor, patch] = found.slice(1, 4).map(Number) as [number, number, number];
  const reaches = (floor: number) => patch > floor || (patch === floor && found[4] === undefined);
  if (major !== 2) return major > 2;
  if (minor === 12) return reaches(12);
  return minor === 14 ? reaches(3) : minor > 14;
}

/** Throws `configuration-invalid` for a server below the floor. */
export function assertServerAccepted(version: string | undefined): void {
  if (version !== undefined && isServerAccepted(version)) return;
  throw new StrongroomError('configuration-invalid', {
    detail: `nats-server ${version ?? 'of unknown version'} is refused; it must be at least ${serverFloor}`,
  });
}
