import { encodeBytes } from '@strongroom/canonical';
import { joinKmsCiphertext, kmsAssociatedData, kmsKeyId } from '../../domain/kms-ciphertext.ts';
import type { Hsm } from '../../ports/hsm.ts';
import { bytesField } from '../bytes-field.ts';
import type { GcmInvocations } from '../key/gcm-invocations.ts';
import type { CarryOut } from '../use-case.ts';
import { byKmsKeyId, findKek, type KekPorts } from './kek-version.ts';

export interface SeedPorts extends KekPorts {
  readonly tenant: string;
  readonly hsm: Pick<Hsm, 'encrypt' | 'decrypt'>;
  readonly invocations: Pick<GcmInvocations, 'take'>;
}

/** A provider may name the version: `Encrypt` has to answer with the key_id that `Status` told, also after a rotation. */
export function makeWrapSeed(ports: SeedPorts): CarryOut<'kms.wrap'> {
  const { tenant, hsm, invocations } = ports;
  return async ({ params, caller }) => {
    const { provider, keyId: wanted } = params;
    const pick = wanted === undefined ? undefined : byKmsKeyId(wanted, provider, 'version-conflict');
    const found = await findKek(ports, params, caller.principal, 'wrap', pick);
    const { key, version: kek, reference } = found;
    const { version } = kek;
    const seed = bytesField(params.plaintext, 'plaintext');
    const context = kmsAssociatedData({ tenant, keyId: key.id, version, provider });
    await invocations.take(key, version, 1);
    const sealed = await hsm.encrypt(reference, seed, context);
    seed.fill(0);
    return {
      result: {
        keyId: wanted ?? kmsKeyId(provider, key, kek),
        version,
        ciphertext: encodeBytes(joinKmsCiphertext(version, sealed)),
      },
      version,
    };
  };
}
