import { encodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { parseCiphertext } from '../../domain/ciphertext.ts';
import { dataContext } from '../../domain/data-context.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { dataKeyVersion } from './data-key.ts';
import type { DataPorts } from './encrypt-data.ts';

export function makeDecryptData({ tenant, registry, hsm }: DataPorts): CarryOut<'crypto.decrypt'> {
  return async ({ params }) => {
    const { value: key } = await findRecord(registry, 'key', `${params.group}/${params.key}`);
    // The state of the key first: a suspended key answers so, whatever it is shown.
    dataKeyVersion(key, 'process');
    const made = parseCiphertext(params.ciphertext);
    if (made?.form !== 'gcm') throw new StrongroomError('ciphertext-invalid');
    if (made.keyId !== key.id) throw new StrongroomError('ciphertext-foreign');
    const { version, reference } = dataKeyVersion(key, 'process', made.version);
    const context = dataContext({ tenant, keyId: key.id, version })(params.associatedData);
    const opened = await hsm.decrypt(reference, made.payload, context);
    const plaintext = encodeBytes(opened);
    opened.fill(0);
    return { result: { version, plaintext }, version };
  };
}
