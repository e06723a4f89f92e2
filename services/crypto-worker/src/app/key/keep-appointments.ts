/**
 * What happens to keys by itself: rotations that are due, and the destruction that somebody scheduled 7 to 30 days ago. The
 * witness worker alone keeps these appointments. Each is a change like any other: intent, effect, outcome; a crash in between is
 * made good by the next round, since every step may be repeated.
 */
import { toStrongroomError } from '@strongroom/errors';
import { erased, isDue, nextStep, remains } from '../../domain/key-appointment.ts';
import { changedKey } from '../../domain/key-change.ts';
import type { KeyRecord } from '../../domain/record.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { RecordChange, Registry, RegistryRecord } from '../../ports/registry.ts';
import type { Report } from '../../ports/steps.ts';
import type { ChangeAsPlatform, PlatformOperation } from '../platform/change-as-platform.ts';
import { appointment } from './key-appointment.ts';
import { type RotateKeyPorts, rotate } from './rotate-key.ts';

export interface KeepAppointmentsParts {
  readonly hsm: RotateKeyPorts['hsm'] & Pick<Hsm, 'destroyKey'>;
  readonly registry: Pick<Registry, 'list' | 'read'>;
  readonly change: ChangeAsPlatform;
  readonly clock: Clock;
  readonly report: Report;
}

type Appointment = RegistryRecord<'key-appointment'>;
type Work = Parameters<ChangeAsPlatform>[0]['carryOut'];

const pageMax = 100;
const dayMs = 24 * 3_600_000;

/** One that can not be kept now does not keep the others waiting, and is tried again in the next round. */
export function makeKeepAppointments(parts: KeepAppointmentsParts): () => Promise<void> {
  const { registry, clock, report } = parts;
  return async () => {
    const first = await registry.list('key-appointment', { prefix: '', limit: pageMax });
    for (const due of first.filter(({ id }) => isDue(id, clock.nowMs()))) {
      try {
        await keep(parts, due);
      } catch (error) {
        report('key-appointment-failed', { object: objectOf(due), reason: due.value.act, error });
      }
    }
  };
}

/** Step by step until it is done with: the record of the key is read anew for each. */
async function keep(parts: KeepAppointmentsParts, due: Appointment): Promise<void> {
  const { registry, clock } = parts;
  const { group, name } = due.value;
  for (;;) {
    const record = await registry.read('key', `${group}/${name}`);
    const step = record === undefined ? 'drop' : nextStep(record.value, due.value, clock.nowMs());
    if (record === undefined || step === 'drop') return drop(parts, due);
    if (step === 'rotate') return rotateOrPostpone(parts, due, record);
    if (step === 'erase') return erase(parts, due, record);
    if (!(await destroy(parts, due, record))) return;
  }
}

function changeAs(
  { change }: KeepAppointmentsParts,
  { value: { group, name } }: Appointment,
  operation: PlatformOperation,
  carryOut: Work,
): Promise<void> {
  return change({ operation, objects: [{ kind: 'key', group, name }], carryOut });
}

const without = ({ id, version }: Appointment): RecordChange => ({
  kind: 'key-appointment',
  id,
  expectedVersion: version,
  value: undefined,
});

async function drop(parts: KeepAppointmentsParts, due: Appointment): Promise<void> {
  await changeAs(parts, due, 'platform.key.unschedule', async () => ({ changes: [without(due)] }));
}

async function rotateOrPostpone(
  parts: KeepAppointmentsParts,
  due: Appointment,
  record: RegistryRecord<'key'>,
): Promise<void> {
  try {
    await changeAs(parts, due, 'platform.key.rotate', async (call) => {
      const { key, changes, ...effect } = await rotate(parts.hsm, record, call);
      return { ...effect, changes: [...changes, without(due)] };
    });
  } catch (fault) {
    // A key that is suspended today may be resumed tomorrow; anything else is for the next round.
    if (!toStrongroomError(fault).code.startsWith('key-')) throw fault;
    await postpone(parts, due, fault);
  }
}

/** `false` where it was put off. */
async function destroy(
  parts: KeepAppointmentsParts,
  due: Appointment,
  { id, version, value }: RegistryRecord<'key'>,
): Promise<boolean> {
  const changed = changedKey(value, { transition: 'destroy', version: due.value.version });
  if (changed.status === 'refused') {
    await postpone(parts, due, changed.code);
    return false;
  }
  await changeAs(parts, due, 'platform.key.destroy', async () => ({
    changes: [{ kind: 'key', id, expectedVersion: version, value: changed.key }],
    events: [
      { name: 'key.state.changed', object: `key/${id}`, version: due.value.version ?? value.currentVersion },
    ],
  }));
  return true;
}

async function erase(
  parts: KeepAppointmentsParts,
  due: Appointment,
  { id, version, value }: RegistryRecord<'key'>,
): Promise<void> {
  const gone = remains(value, due.value.version);
  await changeAs(parts, due, 'platform.key.erase', async () => {
    for (const { material } of gone)
      if (material.kind === 'token') await parts.hsm.destroyKey(material.label);
    const key: KeyRecord = erased(value, gone);
    return { changes: [{ kind: 'key', id, expectedVersion: version, value: key }, without(due)] };
  });
}

async function postpone(parts: KeepAppointmentsParts, due: Appointment, error: unknown): Promise<void> {
  const { clock, report } = parts;
  report('key-appointment-postponed', { object: objectOf(due), reason: due.value.act, error });
  await changeAs(parts, due, 'platform.key.postpone', async ({ requestId }) => {
    const tomorrow = new Date(clock.nowMs() + dayMs).toISOString();
    return { changes: [without(due), appointment(tomorrow, requestId, due.value)] };
  });
}

const objectOf = ({ value: { group, name } }: Appointment): string => `key/${group}/${name}`;
