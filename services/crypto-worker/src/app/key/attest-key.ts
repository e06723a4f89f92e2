/**
 * What the identity key of the HSM says of a version: the token is asked at this moment, so what is signed is what the token holds
 * and not what a record remembers. Where they contradict each other nothing is signed.
 */
import { encodeBytes } from '@strongroom/canonical';
import type { KeyAttestationStatement } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { statementDigest } from '@strongroom/sealed';
import { hsmLabel } from '../../domain/hsm-label.ts';
import type { KeyMaterial, KeyRecord } from '../../domain/record.ts';
import type { Hsm, HsmKeyAttributes } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import type { CarryOut } from '../use-case.ts';
import { findKeyVersion } from './find-version.ts';

export interface AttestKeyPorts {
  readonly tenant: string;
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'keyAttributes' | 'sign' | 'describe'>;
}

const heldAs = { token: 'token', data: 'wrapped', software: 'software' } as const;

export function makeAttestKey({ tenant, registry, hsm }: AttestKeyPorts): CarryOut<'key.attest'> {
  return async ({ params, at }) => {
    const { key, found } = await findKeyVersion(registry, params);
    const { material, version, publicKey, state, origin } = found;
    if (material.kind === 'destroyed') throw new StrongroomError('key-destroyed');
    const attributes = await attributesOf(hsm, key, material);
    const { label, model, serial } = hsm.describe();
    const { id: keyId, group, name, type: keyType, purpose, protection, exportable } = key;
    const statement: KeyAttestationStatement = {
      type: 'strongroom.key-attestation/1',
      ...{ tenant, group, name, keyId, version, keyType, purpose, protection, exportable, origin, state },
      held: heldAs[material.kind],
      ...(attributes === undefined ? {} : { attributes }),
      ...(publicKey === undefined ? {} : { publicKey }),
      token: { label, model, serial },
      notBefore: at,
    };
    const signature = await hsm.sign(hsmLabel.identity, statementDigest(statement));
    return { result: { attestation: { statement, signature: encodeBytes(signature) } }, version };
  };
}

async function attributesOf(
  hsm: AttestKeyPorts['hsm'],
  key: KeyRecord,
  material: KeyMaterial,
): Promise<KeyAttestationStatement['attributes']> {
  if (material.kind !== 'token') return undefined;
  const told = await hsm.keyAttributes(material.label);
  if (!isAsRecorded(key, told)) throw new StrongroomError('hsm-inconsistent', { detail: 'key attributes' });
  const { sensitive, extractable, alwaysSensitive, neverExtractable, local, usages } = told;
  return { sensitive, extractable, alwaysSensitive, neverExtractable, local, usages: [...usages] };
}

function isAsRecorded({ type, exportable }: KeyRecord, told: HsmKeyAttributes): boolean {
  return told.type === type && told.sensitive && told.extractable === exportable;
}
