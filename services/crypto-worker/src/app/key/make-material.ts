import { encodeBytes } from '@strongroom/canonical';
import type { KeyType } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { hsmLabel } from '../../domain/hsm-label.ts';
import type { KeyNature, NewMaterial } from '../../domain/key.ts';
import { platformKey } from '../../domain/platform-key.ts';
import { softwareContext } from '../../domain/software-key.ts';
import type { Hsm } from '../../ports/hsm.ts';

export interface MaterialPlace {
  readonly keyId: string;
  readonly version: number;
  readonly requestId: string;
}

export type MaterialHsm = Pick<Hsm, 'createKey' | 'makeDataKey' | 'random' | 'encrypt'>;

/** A KEK is a token key that never leaves; a data key leaves wrapped, and is used as a session object of the token. */
export async function makeMaterial(
  hsm: MaterialHsm,
  { purpose, type, protection, exportable }: KeyNature,
  { keyId, version, requestId }: MaterialPlace,
): Promise<NewMaterial> {
  if (protection === 'software') return makeSoftwareKey(hsm, type, { keyId, version });
  if (type !== 'aes-256' || exportable) throw new StrongroomError('mechanism-unsupported', { detail: type });
  if (purpose === 'data') {
    const wrapped = await hsm.makeDataKey(hsmLabel.wrap);
    return {
      material: { kind: 'data', wrappedBy: hsmLabel.wrap, wrapped: encodeBytes(wrapped) },
      origin: 'generated',
    };
  }
  const label = hsmLabel.keyVersion(keyId, version, requestId);
  await hsm.createKey(label, platformKey[purpose === 'wrapping' ? 'wrapping' : 'encryption']);
  return { material: { kind: 'token', label }, origin: 'generated' };
}

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
