import { formatCiphertext } from '../../domain/ciphertext.ts';
import { dataContext } from '../../domain/data-context.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import { bytesField } from '../bytes-field.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { dataKeyVersion } from './data-key.ts';

export interface DataPorts {
  readonly tenant: string;
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'encrypt' | 'decrypt'>;
}

export function makeEncryptData({ tenant, registry, hsm }: DataPorts): CarryOut<'crypto.encrypt'> {
  return async ({ params }) => {
    const { value: key } = await findRecord(registry, 'key', `${params.group}/${params.key}`);
    const { version, reference } = dataKeyVersion(key, 'protect');
    const plaintext = bytesField(params.plaintext, 'plaintext');
    const context = dataContext({ tenant, keyId: key.id, version })(params.associatedData);
    const payload = await hsm.encrypt(reference, plaintext, context);
    plaintext.fill(0);
    return {
      result: { version, ciphertext: formatCiphertext({ keyId: key.id, version, form: 'gcm', payload }) },
      version,
    };
  };
}
