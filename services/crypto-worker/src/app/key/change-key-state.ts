import { StrongroomError } from '@strongroom/errors';
import { describeKey } from '../../domain/key.ts';
import { changedKey } from '../../domain/key-change.ts';
import type { KeyTransition } from '../../domain/key-state.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { appointment } from './key-appointment.ts';

interface Ports {
  readonly registry: Pick<Registry, 'read'>;
}

const dayMs = 24 * 3_600_000;

/** Transitions that are asked for by name and need nothing more; the rest of the table is done by others. */
export function makeChangeKeyState<
  Transition extends Exclude<KeyTransition, 'schedule-destruction' | 'destroy'>,
>({ registry }: Ports, transition: Transition): CarryOut<`key.${Transition}`> {
  return async ({ params: { group, name, version } }) =>
    change(registry, { group, name, version, transition });
}

/** Nothing is destroyed here: the platform does it when it is due (`keep-appointments.ts`). */
export function makeScheduleDestruction({ registry }: Ports): CarryOut<'key.schedule-destruction'> {
  return async ({ params: { group, name, version, afterDays }, requestId, at }) => {
    const destroyAt = new Date(Date.parse(at) + afterDays * dayMs).toISOString();
    const wanted = { group, name, version, transition: 'schedule-destruction', destroyAt } as const;
    const { changes, ...effect } = await change(registry, wanted);
    const due = { group, name, act: 'destroy', ...(version === undefined ? {} : { version }) } as const;
    return { ...effect, changes: [...changes, appointment(destroyAt, requestId, due)] };
  };
}

async function change(
  registry: Ports['registry'],
  wanted: Parameters<typeof changedKey>[1] & { readonly group: string; readonly name: string },
) {
  const { group, name } = wanted;
  const record = await findRecord(registry, 'key', `${group}/${name}`);
  const changed = changedKey(record.value, wanted);
  if (changed.status === 'refused') throw new StrongroomError(changed.code);
  const { key } = changed;
  const version = wanted.version ?? key.currentVersion;
  return {
    result: describeKey(key),
    version,
    changes: [{ kind: 'key' as const, id: record.id, expectedVersion: record.version, value: key }],
    events: [{ name: 'key.state.changed' as const, object: `key/${group}/${name}`, version }],
  };
}
