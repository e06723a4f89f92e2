import { encodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { hsmLabel } from '../../domain/hsm-label.ts';
import type { KeyNature, NewMaterial } from '../../domain/key.ts';
import type { Hsm } from '../../ports/hsm.ts';

export interface MaterialPlace {
  readonly keyId: string;
  readonly version: number;
  readonly requestId: string;
}

/** A KEK is a token key that never leaves; a data key leaves wrapped, and is used as a session object of the token. */
export async function makeMaterial(
  hsm: Pick<Hsm, 'createAesKey' | 'makeDataKey'>,
  { purpose, type, protection, exportable }: KeyNature,
  { keyId, version, requestId }: MaterialPlace,
): Promise<NewMaterial> {
  if (type !== 'aes-256' || protection !== 'hsm' || exportable)
    throw new StrongroomError('mechanism-unsupported', { detail: type });
  if (purpose === 'data') {
    const wrapped = await hsm.makeDataKey(hsmLabel.wrap);
    return {
      material: { kind: 'data', wrappedBy: hsmLabel.wrap, wrapped: encodeBytes(wrapped) },
      origin: 'generated',
    };
  }
  const label = hsmLabel.keyVersion(keyId, version, requestId);
  await hsm.createAesKey(label, purpose === 'wrapping' ? 'wrapping' : 'encryption');
  return { material: { kind: 'token', label }, origin: 'generated' };
}
