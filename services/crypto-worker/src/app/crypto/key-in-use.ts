/** A version of a key as the verbs of this area use it. Records are frozen and shared, so what is derived of one is derived once. */
import { decodeBytes } from '@strongroom/canonical';
import type { ProtectionLevel } from '@strongroom/contracts';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { type Ciphertext, type CiphertextForm, formatCiphertext } from '../../domain/ciphertext.ts';
import { type DataContext, dataContext } from '../../domain/data-context.ts';
import type { KeyMaterial, KeyVersionRecord } from '../../domain/record.ts';
import { softwareContext } from '../../domain/software-key.ts';
import type { HsmKeyReference } from '../../ports/hsm.ts';
import type { CountedVersion } from './count-invocations.ts';
import type { KeyAtHand } from './item-verb.ts';
import type { SoftwareKeyReference } from './software-keys.ts';

export type KeyReference = HsmKeyReference | SoftwareKeyReference;

export interface KeyInUse {
  /** What every answer says of the key. */
  readonly used: { readonly version: number; readonly protection: ProtectionLevel };
  readonly reference: KeyReference;
  readonly context: DataContext;
  /** What its encryptions are counted by. */
  readonly counted: CountedVersion;
}

const known = new WeakMap<KeyVersionRecord, KeyInUse>();

export function keyInUse({ tenant, record }: KeyAtHand, found: KeyVersionRecord): KeyInUse {
  const kept = known.get(found);
  if (kept !== undefined) return kept;
  const { version, material } = found;
  const place = { tenant, keyId: record.id, version };
  const made: KeyInUse = {
    used: { version, protection: record.protection },
    reference: referenceTo(material, () => softwareContext(place)),
    context: dataContext(place),
    counted: { key: record, version },
  };
  known.set(found, made);
  return made;
}

function referenceTo(material: KeyMaterial, contextOf: () => Uint8Array): KeyReference {
  switch (material.kind) {
    case 'token':
      return { kind: 'token', label: material.label };
    case 'data':
      return { kind: 'data', wrappedBy: material.wrappedBy, wrapped: decodeBytes(material.wrapped) };
    case 'software':
      return {
        kind: 'software',
        wrappedBy: material.wrappedBy,
        sealed: decodeBytes(material.sealed),
        context: contextOf(),
      };
    case 'destroyed':
      throw new StrongroomError('key-destroyed');
  }
}

/** Throws `key-type-refused` for a key that is not on the token. */
export function tokenLabel({ reference }: KeyInUse): string {
  if (reference.kind !== 'token') throw new StrongroomError('key-type-refused', { detail: reference.kind });
  return reference.label;
}

export function ciphertextOf(
  { record }: KeyAtHand,
  { used: { version } }: KeyInUse,
  form: CiphertextForm,
  payload: Uint8Array,
): string {
  return formatCiphertext({ keyId: record.id, version, form, payload });
}

/** Throws `ciphertext-invalid` for what is none, `ciphertext-foreign` for one of another key. */
export function requireOwn({ record }: KeyAtHand, made: Ciphertext | undefined): Ciphertext {
  if (made === undefined) throw new StrongroomError('ciphertext-invalid');
  if (made.keyId !== record.id) throw new StrongroomError('ciphertext-foreign');
  return made;
}

/** A version that the key never had made nothing: the text is what is wrong. */
export function versionThatMade(key: KeyAtHand, asked: Parameters<KeyAtHand['use']>[0]): KeyVersionRecord {
  try {
    return key.use(asked);
  } catch (fault) {
    if (isStrongroomError(fault) && fault.code === 'absent') throw new StrongroomError('ciphertext-invalid');
    throw fault;
  }
}

/** Absent: the current one. */
export const atVersion = (version: number | undefined): { readonly version?: number } =>
  version === undefined ? {} : { version };
