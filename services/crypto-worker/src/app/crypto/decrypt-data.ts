import { encodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { dataAssociatedData, splitDataCiphertext } from '../../domain/data-ciphertext.ts';
import { bytesField } from '../bytes-field.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { dataKeyVersion } from './data-key.ts';
import type { DataPorts } from './encrypt-data.ts';

export function makeDecryptData({ tenant, registry, hsm }: DataPorts): CarryOut<'crypto.decrypt'> {
  return async ({ params }) => {
    const { value: key } = await findRecord(registry, 'key', `${params.group}/${params.key}`);
    // The state of the key first: a suspended key answers so, whatever it is shown.
    dataKeyVersion(key, 'process');
    const split = splitDataCiphertext(bytesField(params.ciphertext, 'ciphertext'));
    if (split === undefined) throw new StrongroomError('ciphertext-invalid');
    const { version, reference } = dataKeyVersion(key, 'process', split.version);
    const { associatedData } = params;
    const context = dataAssociatedData({ tenant, keyId: key.id, version, associatedData });
    const opened = await hsm.decrypt(reference, split.sealed, context);
    const plaintext = encodeBytes(opened);
    opened.fill(0);
    return { result: { version, plaintext }, version };
  };
}
