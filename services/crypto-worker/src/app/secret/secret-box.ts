/**
 * The value of a secret version: encrypted under a DEK of its own, which the group's KEK wraps in the HSM. Both are bound
 * to tenant, group, name, version and kind, so a row that is moved opens nowhere (I9).
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { SecretBytes } from '@strongroom/secret';
import type { GroupRecord, SecretVersionRecord } from '../../domain/record.ts';
import { type SecretContext, secretAssociatedData } from '../../domain/secret/secret-context.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { GcmInvocations } from '../key/gcm-invocations.ts';

const cipher = 'aes-256-gcm';
const dekBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const authTag = { authTagLength: tagBytes };
/** A DEK encrypts one value and nothing else, so its nonce need not vary. */
const nonce = new Uint8Array(nonceBytes);

export interface CloseSecretPorts {
  readonly hsm: Pick<Hsm, 'random' | 'encrypt'>;
  readonly invocations: Pick<GcmInvocations, 'takeOfKek'>;
}

/** Throws `key-exhausted` where the KEK of the group may wrap no more. */
export async function closeSecret(
  { hsm, invocations }: CloseSecretPorts,
  group: GroupRecord,
  context: SecretContext,
  value: SecretBytes,
): Promise<SecretVersionRecord> {
  const { kekLabel } = group;
  const associated = secretAssociatedData(context);
  await invocations.takeOfKek(group);
  using dek = SecretBytes.adopt(await hsm.random(dekBytes));
  const sealedValue = dek.use((key) => value.use((bytes) => encrypt(key, bytes, associated)));
  const wrappedDek = await dek.use((key) => hsm.encrypt({ kind: 'token', label: kekLabel }, key, associated));
  return { kekLabel, wrappedDek: encodeBytes(wrappedDek), sealedValue: encodeBytes(sealedValue) };
}

/** Whoever takes the value disposes of it. Throws `record-tampered` where the parts are not of this very version. */
export async function openSecret(
  hsm: Pick<Hsm, 'decrypt'>,
  record: SecretVersionRecord,
  context: SecretContext,
): Promise<SecretBytes> {
  const associated = secretAssociatedData(context);
  using dek = await unwrapDek(hsm, record, associated);
  const sealed = decodeBytes(record.sealedValue);
  if (sealed.length < tagBytes) throw tampered();
  return dek.use((key) => decrypt(key, sealed, associated));
}

/** Length of the value, known without opening it. It leaves the worker with the value or not at all. */
export function valueBytesOf({ sealedValue }: SecretVersionRecord): number {
  return Math.floor((sealedValue.length * 3) / 4) - tagBytes;
}

async function unwrapDek(
  hsm: Pick<Hsm, 'decrypt'>,
  { kekLabel, wrappedDek }: SecretVersionRecord,
  associated: Uint8Array,
): Promise<SecretBytes> {
  try {
    const kek = { kind: 'token', label: kekLabel } as const;
    return SecretBytes.adopt(await hsm.decrypt(kek, decodeBytes(wrappedDek), associated));
  } catch (fault) {
    // The caller sent no ciphertext: what does not open is a record of ours.
    if (isStrongroomError(fault) && fault.code === 'ciphertext-invalid') throw tampered();
    throw fault;
  }
}

function encrypt(key: Uint8Array, value: Uint8Array, associated: Uint8Array): Uint8Array {
  const sealing = createCipheriv(cipher, key, nonce, authTag).setAAD(associated);
  return Buffer.concat([sealing.update(value), sealing.final(), sealing.getAuthTag()]);
}

function decrypt(key: Uint8Array, sealed: Uint8Array, associated: Uint8Array): SecretBytes {
  const opening = createDecipheriv(cipher, key, nonce, authTag)
    .setAAD(associated)
    .setAuthTag(sealed.subarray(-tagBytes));
  const value = SecretBytes.adopt(opening.update(sealed.subarray(0, -tagBytes)));
  try {
    opening.final();
    return value;
  } catch {
    value.dispose();
    throw tampered();
  }
}

const tampered = (): StrongroomError => new StrongroomError('record-tampered', { detail: 'secret value' });
