import type { KeyState } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { changedState, describeKey } from '../../domain/key.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';

interface Ports {
  readonly registry: Pick<Registry, 'read'>;
}

export function makeSuspendKey(ports: Ports): CarryOut<'key.suspend'> {
  return changeState(ports, 'active', 'suspended');
}

export function makeResumeKey(ports: Ports): CarryOut<'key.resume'> {
  return changeState(ports, 'suspended', 'active');
}

function changeState<Name extends 'key.suspend' | 'key.resume'>(
  { registry }: Ports,
  from: KeyState,
  to: KeyState,
): CarryOut<Name> {
  return async ({ params: { group, name } }) => {
    const record = await findRecord(registry, 'key', `${group}/${name}`);
    const change = changedState(record.value, from, to);
    if (change.status === 'refused') throw new StrongroomError(change.code);
    const { key } = change;
    return {
      result: describeKey(key),
      version: key.currentVersion,
      changes: [{ kind: 'key', id: record.id, expectedVersion: record.version, value: key }],
      events: [{ name: 'key.state.changed', object: `key/${group}/${name}`, version: key.currentVersion }],
    };
  };
}
