import { createHash } from 'node:crypto';
import { encodeBytes } from '@strongroom/canonical';
import type { KeyOrigin, KeyPurpose, KeyType } from '@strongroom/contracts';
import { hsmLabel } from '../../domain/hsm-label.ts';
import type { KeyNature, NewMaterial } from '../../domain/key.ts';
import { softwareContext } from '../../domain/software-key.ts';
import type { Hsm, HsmKeyUse } from '../../ports/hsm.ts';

export interface MaterialPlace {
  readonly keyId: string;
  readonly version: number;
  readonly requestId: string;
}

export type MaterialHsm = Pick<Hsm, 'createKey' | 'makeDataKey' | 'random' | 'encrypt'>;

/** What the token lets a key of each purpose do. */
export const tokenUse: { readonly [Purpose in KeyPurpose]: HsmKeyUse } = Object.freeze({
  kek: 'encrypt',
  data: 'encrypt',
  signing: 'sign',
  mac: 'mac',
  wrapping: 'wrap',
});

/**
 * An AES data key that stays leaves the token wrapped and is used as a session object, since those are twice as fast; everything
 * else is a token key. Throws `mechanism-unsupported` with the mechanism that the token lacks: nothing else is made instead.
 */
export async function makeMaterial(
  hsm: MaterialHsm,
  { purpose, type, protection, exportable }: KeyNature,
  { keyId, version, requestId }: MaterialPlace,
): Promise<NewMaterial> {
  if (protection === 'software') return makeSoftwareKey(hsm, type, { keyId, version });
  if (purpose === 'data' && !exportable && (type === 'aes-128' || type === 'aes-256')) {
    const wrapped = await hsm.makeDataKey(hsmLabel.wrap, type);
    return {
      material: { kind: 'data', wrappedBy: hsmLabel.wrap, wrapped: encodeBytes(wrapped) },
      origin: 'generated',
    };
  }
  const label = hsmLabel.keyVersion(keyId, version, requestId);
  const publicKey = await hsm.createKey(label, { type, use: tokenUse[purpose], exportable });
  return tokenMaterial(label, 'generated', publicKey);
}

export function tokenMaterial(
  label: string,
  origin: KeyOrigin,
  publicKey: Uint8Array | undefined,
): NewMaterial {
  return {
    material: { kind: 'token', label },
    origin,
    ...(publicKey === undefined
      ? {}
      : { publicKey: encodeBytes(publicKey), checkValue: fingerprintOf(publicKey) }),
  };
}

/** SHA-256 of the SPKI: what two people compare to know that they mean one key pair. */
const fingerprintOf = (spki: Uint8Array): string => encodeBytes(createHash('sha256').update(spki).digest());

/** Octets of the HSM's generator, encrypted by an HSM key together with what they are for; used in the memory of a worker. */
async function makeSoftwareKey(
  hsm: MaterialHsm,
  type: KeyType,
  place: Parameters<typeof softwareContext>[0],
): Promise<NewMaterial> {
  const octets = await hsm.random(type === 'aes-128' ? 16 : 32);
  try {
    const wrappedBy = hsmLabel.wrap;
    const sealed = await hsm.encrypt({ kind: 'token', label: wrappedBy }, octets, softwareContext(place));
    return { material: { kind: 'software', wrappedBy, sealed: encodeBytes(sealed) }, origin: 'generated' };
  } finally {
    octets.fill(0);
  }
}
