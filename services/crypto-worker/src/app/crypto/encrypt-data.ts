import { formatCiphertext } from '../../domain/ciphertext.ts';
import { dataContext } from '../../domain/data-context.ts';
import { bytesField } from '../bytes-field.ts';
import { dataKeyVersion } from './data-key.ts';
import type { ItemVerb } from './item-verb.ts';
import { done } from './key-task.ts';

export const encryptData: ItemVerb<'crypto.encrypt'> = ({ tenant, record, use }) => {
  const { version, reference } = dataKeyVersion(record, 'encrypt');
  const place = { keyId: record.id, version };
  const context = dataContext({ tenant, ...place });
  return ({ plaintext, associatedData }) => {
    use({ use: 'encrypt', version, associatedData });
    return {
      status: 'task',
      task: {
        kind: 'encrypt',
        key: reference,
        plaintext: bytesField(plaintext, 'plaintext'),
        associatedData: context(associatedData),
      },
      next: (payload) => done({ version, ciphertext: formatCiphertext({ ...place, form: 'gcm', payload }) }),
    };
  };
};
