import { encodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { kmsAssociatedData, splitKmsCiphertext } from '../../domain/kms-ciphertext.ts';
import { bytesField } from '../bytes-field.ts';
import type { CarryOut } from '../use-case.ts';
import { byKmsKeyId, findKek } from './kek-version.ts';
import type { SeedPorts } from './wrap-seed.ts';

/** The opaque id decides which version is tried; versions are never tried one after the other. */
export function makeUnwrapSeed(ports: Omit<SeedPorts, 'invocations'>): CarryOut<'kms.unwrap'> {
  const { tenant, hsm } = ports;
  return async ({ params, caller }) => {
    const { provider, keyId } = params;
    const pick = byKmsKeyId(keyId, provider, 'ciphertext-invalid');
    const found = await findKek(ports, params, caller.principal, 'unwrap', pick);
    const { key, version: kek, reference } = found;
    const { version } = kek;
    const split = splitKmsCiphertext(bytesField(params.ciphertext, 'ciphertext'));
    if (split?.version !== version) throw new StrongroomError('ciphertext-invalid');
    const context = kmsAssociatedData({ tenant, keyId: key.id, version, provider });
    const seed = await hsm.decrypt(reference, split.sealed, context);
    const plaintext = encodeBytes(seed);
    seed.fill(0);
    return { result: { plaintext }, version };
  };
}
