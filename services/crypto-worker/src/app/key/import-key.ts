/** Keys that come in: how they are wrapped, and what becomes of them. Material in plaintext has no way in. */
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import type { ImportKeyStatement, OperationRequest } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { statementDigest } from '@strongroom/sealed';
import { hsmLabel } from '../../domain/hsm-label.ts';
import { describeKey, type KeyNature, natureRefusal, newKey } from '../../domain/key.ts';
import type { Governance } from '../../ports/governance.ts';
import type { Hsm, HsmCapabilities, HsmOaepHash, HsmWrappedKey } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import { bytesField } from '../bytes-field.ts';
import { findRecord, requireAbsent } from '../find-record.ts';
import { requirePolicy } from '../governance/require-policy.ts';
import type { ChangeAsPlatform } from '../platform/change-as-platform.ts';
import type { CarryOut } from '../use-case.ts';
import { rotationOf } from './key-appointment.ts';
import { tokenMaterial, tokenUse } from './make-material.ts';
import type { UseKey } from './use-key.ts';
import { wrappingLabel } from './wrapping-label.ts';

export interface ImportKeyPorts {
  readonly tenant: string;
  readonly pool: string;
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'importKey' | 'publicKey' | 'sign' | 'capabilities'>;
  readonly governance: Governance;
  readonly useKey: UseKey;
}

/** What the token can unwrap by; SHA-1 is sound in OAEP, and all that some tokens have. Throws `mechanism-unsupported`. */
export async function importHash(hsm: Pick<Hsm, 'capabilities'>): Promise<HsmOaepHash> {
  const hash = oaepHashOf(await hsm.capabilities());
  if (hash === undefined)
    throw new StrongroomError('mechanism-unsupported', { detail: 'CKM_RSA_AES_KEY_WRAP' });
  return hash;
}

function oaepHashOf({ mechanisms }: HsmCapabilities): HsmOaepHash | undefined {
  return (['sha256', 'sha1'] as const).find((hash) => mechanisms.includes(`rsa-aes-kwp-${hash}`));
}

/** Made once by the witness worker; does nothing on a token that can not import. */
export function makeEnsureImportKey({
  hsm,
  change,
}: {
  readonly hsm: Pick<Hsm, 'hasKey' | 'createKey' | 'capabilities'>;
  readonly change: ChangeAsPlatform;
}): () => Promise<void> {
  return async () => {
    if (await hsm.hasKey(hsmLabel.importKey)) return;
    if (oaepHashOf(await hsm.capabilities()) === undefined) return;
    await change({
      operation: 'platform.import-key.create',
      objects: [{ kind: 'system', name: 'import-key' }],
      carryOut: async () => {
        await hsm.createKey(hsmLabel.importKey, { type: 'rsa-3072', use: 'wrap' });
        return {};
      },
    });
  };
}

export function makeShowImportKey({
  tenant,
  pool,
  hsm,
}: Pick<ImportKeyPorts, 'tenant' | 'pool' | 'hsm'>): CarryOut<'key.import-key'> {
  return async ({ at }) => {
    const oaepHash = await importHash(hsm);
    const statement: ImportKeyStatement = {
      type: 'strongroom.import-key/1',
      tenant,
      pool,
      publicKey: encodeBytes(await hsm.publicKey(hsmLabel.importKey)),
      scheme: 'rsa-aes-kwp',
      oaepHash,
      notBefore: at,
    };
    const signature = await hsm.sign(hsmLabel.identity, statementDigest(statement));
    return { result: { importKey: { statement, signature: encodeBytes(signature) } } };
  };
}

export function makeImportKey(ports: ImportKeyPorts): CarryOut<'key.import'> {
  const { registry, hsm, governance } = ports;
  return async ({ params, caller, requestId, at }) => {
    const { group, name, purpose, type, policy } = params;
    const nature: KeyNature = { purpose, type, protection: 'hsm', exportable: false };
    // A KEK that was ever outside of the token would be none (I1).
    const code = purpose === 'kek' ? 'key-type-refused' : natureRefusal(nature);
    if (code !== undefined) throw new StrongroomError(code, { detail: `${type} ${purpose}` });
    await findRecord(registry, 'group', group);
    await requireAbsent(registry, 'key', `${group}/${name}`);
    if (policy !== undefined) await requirePolicy(governance, policy);
    const label = hsmLabel.keyVersion(requestId, 1, requestId);
    const wrapped = await wrappedKey(ports, params, caller.principal);
    const publicKey = await hsm.importKey(label, { type, use: tokenUse[purpose] }, wrapped);
    const key = newKey({
      ...params,
      ...nature,
      id: requestId,
      createdAt: at,
      made: tokenMaterial(label, 'imported', publicKey),
    });
    return {
      result: describeKey(key),
      version: 1,
      changes: [
        { kind: 'key', id: `${group}/${name}`, expectedVersion: 0, value: key },
        ...rotationOf(key, requestId),
      ],
      events: [{ name: 'key.version.created', object: `key/${group}/${name}`, version: 1 }],
    };
  };
}

/** As the token is to unwrap it. Throws what keeps the wrapping key from being used. */
export async function wrappedKey(
  { registry, hsm, useKey }: Pick<ImportKeyPorts, 'registry' | 'hsm' | 'useKey'>,
  { group, wrappedBy, wrapped, publicKey }: OperationRequest<'key.import-version'>,
  principal: string,
): Promise<HsmWrappedKey> {
  const arrived = {
    wrapped: bytesField(wrapped, 'wrapped'),
    ...(publicKey === undefined ? {} : { publicKey: decodeBytes(publicKey) }),
  };
  if (wrappedBy === undefined)
    return {
      ...arrived,
      scheme: 'rsa-aes-kwp',
      wrappedBy: hsmLabel.importKey,
      oaepHash: await importHash(hsm),
    };
  const { label } = await wrappingLabel(
    { registry, useKey },
    { group, name: wrappedBy, principal, use: 'unwrap' },
  );
  return { ...arrived, scheme: 'aes-kwp', wrappedBy: label };
}
