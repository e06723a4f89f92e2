import { decodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { versionFor } from '../../domain/key.ts';
import type { KeyRecord, KeyVersionRecord } from '../../domain/record.ts';
import type { HsmKeyReference } from '../../ports/hsm.ts';

/** Records are frozen and shared, so what is derived from one is derived once. */
const references = new WeakMap<KeyVersionRecord['material'], HsmKeyReference>();

/** Throws `key-purpose-refused`, `key-state-refused`; the given refusal for a version that the key does not have. */
export function dataKeyVersion(
  key: KeyRecord,
  use: 'protect' | 'process',
  version?: number,
): { readonly version: number; readonly reference: HsmKeyReference } {
  const found = versionFor(key, 'data', use, version);
  if (found.status === 'refused')
    throw new StrongroomError(found.code === 'absent' ? 'ciphertext-invalid' : found.code);
  return { version: found.version.version, reference: referenceOf(found.version.material) };
}

function referenceOf(material: KeyVersionRecord['material']): HsmKeyReference {
  if (material.kind === 'token') return material;
  const known = references.get(material);
  if (known !== undefined) return known;
  const reference: HsmKeyReference = {
    kind: 'data',
    wrappedBy: material.wrappedBy,
    wrapped: decodeBytes(material.wrapped),
  };
  references.set(material, reference);
  return reference;
}
