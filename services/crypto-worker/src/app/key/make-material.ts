import { encodeBytes } from '@strongroom/canonical';
import type { KeyPurpose } from '@strongroom/contracts';
import { hsmLabel } from '../../domain/hsm-label.ts';
import type { KeyMaterial } from '../../domain/key.ts';
import type { Hsm } from '../../ports/hsm.ts';

export interface MaterialPlace {
  readonly purpose: KeyPurpose;
  readonly keyId: string;
  readonly version: number;
  readonly requestId: string;
}

/** A KEK is a token key that never leaves; a data key leaves wrapped, and is used as a session object of the token. */
export async function makeMaterial(
  hsm: Pick<Hsm, 'createAesKey' | 'makeDataKey'>,
  { purpose, keyId, version, requestId }: MaterialPlace,
): Promise<KeyMaterial> {
  if (purpose === 'data') {
    const wrapped = await hsm.makeDataKey(hsmLabel.wrap);
    return { kind: 'data', wrappedBy: hsmLabel.wrap, wrapped: encodeBytes(wrapped) };
  }
  const label = hsmLabel.keyVersion(keyId, version, requestId);
  await hsm.createAesKey(label, 'encryption');
  return { kind: 'token', label };
}
