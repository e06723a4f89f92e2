import { appointmentId } from '../../domain/key-appointment.ts';
import type { KeyAppointmentRecord, KeyRecord } from '../../domain/record.ts';
import type { RecordChange } from '../../ports/registry.ts';

/** Commits together with what it is about, so there is no due key without one. */
export function appointment(at: string, requestId: string, value: KeyAppointmentRecord): RecordChange {
  return { kind: 'key-appointment', id: appointmentId(at, requestId), expectedVersion: 0, value };
}

/** Of the next rotation, where the key has a period. */
export function rotationOf({ group, name, rotateAt }: KeyRecord, requestId: string): readonly RecordChange[] {
  return rotateAt === undefined ? [] : [appointment(rotateAt, requestId, { group, name, act: 'rotate' })];
}
