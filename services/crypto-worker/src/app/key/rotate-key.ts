import { StrongroomError } from '@strongroom/errors';
import { describeKey, type NewMaterial, nextVersion, rotated, rotationRefusal } from '../../domain/key.ts';
import type { KeyRecord } from '../../domain/record.ts';
import type { RecordChange, Registry, RegistryRecord } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { rotationOf } from './key-appointment.ts';
import { type MaterialHsm, type MaterialPlace, makeMaterial } from './make-material.ts';

export interface RotateKeyPorts {
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: MaterialHsm;
}

export function makeRotateKey({ registry, hsm }: RotateKeyPorts): CarryOut<'key.rotate'> {
  return async ({ params: { group, name }, requestId, at }) => {
    const record = await findRecord(registry, 'key', `${group}/${name}`);
    const { key, ...effect } = await rotate(hsm, record, { requestId, at });
    return { ...effect, result: describeKey(key) };
  };
}

interface RotationCall {
  readonly requestId: string;
  readonly at: string;
}

/** A new version in the HSM, and what is to become of the record; asked for by somebody, or due. */
export function rotate(hsm: RotateKeyPorts['hsm'], record: RegistryRecord<'key'>, call: RotationCall) {
  return rotateTo(record, call, (place) => makeMaterial(hsm, record.value, place));
}

/** The same, wherever the material of the new version comes from. Nothing is made where the key takes no version. */
export async function rotateTo(
  { id, version: expectedVersion, value }: RegistryRecord<'key'>,
  { requestId, at }: RotationCall,
  make: (place: MaterialPlace) => Promise<NewMaterial>,
) {
  const code = rotationRefusal(value);
  if (code !== undefined) throw new StrongroomError(code);
  const version = nextVersion(value);
  const made = await make({ keyId: value.id, version, requestId });
  const key: KeyRecord = rotated(value, made, at);
  return {
    key,
    version,
    changes: [
      { kind: 'key' as const, id, expectedVersion, value: key },
      ...rotationOf(key, requestId),
    ] satisfies RecordChange[],
    events: [{ name: 'key.version.created' as const, object: `key/${id}`, version }],
  };
}
