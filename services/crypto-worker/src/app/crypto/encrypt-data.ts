import { bytesField } from '../bytes-field.ts';
import { type ItemVerb, requireUse } from './item-verb.ts';
import { done } from './key-task.ts';
import { sealData } from './seal-data.ts';

export const encryptData: ItemVerb<'crypto.encrypt'> = (key) => {
  requireUse(key, 'data', 'encrypt');
  return ({ plaintext, associatedData }) =>
    sealData(key, bytesField(plaintext, 'plaintext'), associatedData, (ciphertext, used) =>
      done({ ...used, ciphertext }),
    );
};
