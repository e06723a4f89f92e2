/**
 * What AES-GCM invocations are counted of: a version of a key, or the KEK of a group that wraps the DEKs of its secrets. They differ
 * in who gives them a successor when half of the ceiling is reserved.
 */
import type { EntryObject } from '@strongroom/contracts';
import { canRotateKek } from '../../domain/group.ts';
import type { GroupRecord, KeyRecord } from '../../domain/record.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RecordChange, Registry } from '../../ports/registry.ts';
import type { Report } from '../../ports/steps.ts';
import { rotationOf } from './key-appointment.ts';

export interface RetireParts {
  readonly registry: Pick<Registry, 'read'>;
  readonly clock: Clock;
  readonly report: Report;
}

export interface CountedKey {
  /** Of its count in the registry; never of another key. */
  readonly id: string;
  /** What entries name. */
  readonly object: EntryObject;
  /**
   * What commits together with a reservation above half of the ceiling, so that a successor is there before the end. Once is enough:
   * where the rotation is due already, or has happened, it adds nothing.
   */
  readonly retire: (parts: RetireParts, requestId: string) => Promise<readonly RecordChange[]>;
}

export const pathOf = ({ object: { kind, group, name } }: CountedKey): string =>
  [kind, group, name].filter((part) => part !== undefined).join('/');

/** A data key rotates by its appointment. Of a KEK an operator hears: those who use it have to follow a rotation. */
export function countedVersion({ id, group, name }: KeyRecord, version: number): CountedKey {
  const counted: CountedKey = {
    id: `${id}/${version}`,
    object: { kind: 'key', group, name, version },
    retire: async ({ registry, clock, report }, requestId) => {
      const record = await registry.read('key', `${group}/${name}`);
      if (record?.value.currentVersion !== version) return [];
      const now = nowOf(clock);
      const { value } = record;
      if (value.purpose !== 'data') {
        report('key-nearly-exhausted', { object: pathOf(counted), count: version });
        return [];
      }
      if (value.rotateAt !== undefined && value.rotateAt <= now) return [];
      const due: KeyRecord = { ...value, rotateAt: now };
      return [
        { kind: 'key', id: record.id, expectedVersion: record.version, value: due },
        ...rotationOf(due, requestId),
      ];
    },
  };
  return counted;
}

/** Nobody outside knows the KEK of a group, so it rotates by itself; an operator hears where no rotation is left. */
export function countedKek({ name, kekLabel, kekVersion }: GroupRecord): CountedKey {
  const counted: CountedKey = {
    id: kekLabel,
    object: { kind: 'group', name, version: kekVersion },
    retire: async ({ registry, clock, report }) => {
      const record = await registry.read('group', name);
      if (record?.value.kekLabel !== kekLabel || record.value.rotateAt !== undefined) return [];
      if (!canRotateKek(record.value)) {
        report('key-nearly-exhausted', { object: pathOf(counted), count: kekVersion });
        return [];
      }
      const due: GroupRecord = { ...record.value, rotateAt: nowOf(clock) };
      return [{ kind: 'group', id: record.id, expectedVersion: record.version, value: due }];
    },
  };
  return counted;
}

const nowOf = (clock: Clock): string => new Date(clock.nowMs()).toISOString();
