import { StrongroomError } from '@strongroom/errors';
import { canRotate, describeKey, nextVersion, rotated } from '../../domain/key.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { makeMaterial } from './make-material.ts';

export interface RotateKeyPorts {
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'createAesKey' | 'makeDataKey'>;
}

export function makeRotateKey({ registry, hsm }: RotateKeyPorts): CarryOut<'key.rotate'> {
  return async ({ params: { group, name }, requestId, at }) => {
    const record = await findRecord(registry, 'key', `${group}/${name}`);
    const { id: keyId, purpose } = record.value;
    if (!canRotate(record.value)) throw new StrongroomError('key-state-refused');
    const version = nextVersion(record.value);
    const material = await makeMaterial(hsm, { purpose, keyId, version, requestId });
    const key = rotated(record.value, material, at);
    return {
      result: describeKey(key),
      version,
      changes: [{ kind: 'key', id: record.id, expectedVersion: record.version, value: key }],
      events: [{ name: 'key.version.created', object: `key/${group}/${name}`, version }],
    };
  };
}
