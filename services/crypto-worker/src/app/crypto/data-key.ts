import { decodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { versionFor } from '../../domain/key.ts';
import type { KeyMaterial, KeyRecord } from '../../domain/record.ts';
import type { HsmKeyReference } from '../../ports/hsm.ts';

/** Records are frozen and shared, so what is derived from one is derived once. */
const references = new WeakMap<KeyMaterial, HsmKeyReference>();

/** Throws `key-purpose-refused`, the code of a state; the given refusal for a version that the key does not have. */
export function dataKeyVersion(
  key: KeyRecord,
  use: 'encrypt' | 'decrypt',
  version?: number,
): { readonly version: number; readonly reference: HsmKeyReference } {
  const found = versionFor(key, 'data', use, version);
  if (found.status === 'refused')
    throw new StrongroomError(found.code === 'absent' ? 'ciphertext-invalid' : found.code);
  return { version: found.version.version, reference: referenceOf(found.version.material) };
}

function referenceOf(material: KeyMaterial): HsmKeyReference {
  if (material.kind === 'token') return material;
  // What is used in software is used by other means than the HSM.
  if (material.kind !== 'data') throw new StrongroomError('mechanism-unsupported', { detail: material.kind });
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
