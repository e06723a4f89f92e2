/** When something is to happen to a key by itself, and whether it still is. */
import { findVersion } from './key.ts';
import type { KeyAppointmentRecord, KeyMaterial, KeyRecord, KeyVersionRecord } from './record.ts';

/** Of one request there is one appointment at the most. */
export function appointmentId(at: string, requestId: string): string {
  return `${at}/${requestId}`;
}

export function isDue(id: string, nowMs: number): boolean {
  return id.slice(0, 24) <= new Date(nowMs).toISOString();
}

export type AppointmentStep = 'rotate' | 'destroy' | 'erase' | 'drop';

/**
 * What is to be done next. The key's record decides: who took a destruction back, rotated before, or set another period left an
 * appointment behind that means nothing any more. `destroy` says in the record that the material is gone for good, `erase` makes
 * it so: in this order, so that nothing is destroyed that a record still promises.
 */
export function nextStep(
  key: KeyRecord,
  { act, version }: KeyAppointmentRecord,
  nowMs: number,
): AppointmentStep {
  const now = new Date(nowMs).toISOString();
  const isReached = (at: string | undefined) => at !== undefined && at <= now;
  if (act === 'rotate') return isReached(key.rotateAt) && key.state !== 'destroyed' ? 'rotate' : 'drop';
  const target = version === undefined ? key : findVersion(key, version);
  if (target === undefined) return 'drop';
  if (target.state === 'destroyed') return remains(key, version).length > 0 ? 'erase' : 'drop';
  return isReached(target.destroyAt) ? 'destroy' : 'drop';
}

/** Versions whose material the record says is gone, and is not. */
export function remains(key: KeyRecord, version: number | undefined): readonly KeyVersionRecord[] {
  return key.versions.filter(
    (each) =>
      each.state === 'destroyed' &&
      each.material.kind !== 'destroyed' &&
      (version === undefined || each.version === version),
  );
}

const nothing: KeyMaterial = Object.freeze({ kind: 'destroyed' });

export function erased(key: KeyRecord, gone: readonly KeyVersionRecord[]): KeyRecord {
  const versions = key.versions.map((each) => (gone.includes(each) ? { ...each, material: nothing } : each));
  return { ...key, versions };
}
