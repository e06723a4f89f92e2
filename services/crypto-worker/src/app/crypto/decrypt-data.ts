import { encodeBytes } from '@strongroom/canonical';
import { type ItemVerb, requireUse } from './item-verb.ts';
import { done } from './key-task.ts';
import { openData } from './seal-data.ts';

export const decryptData: ItemVerb<'crypto.decrypt'> = (key) => {
  // The state of the key first: a suspended key answers so, whatever it is shown.
  requireUse(key, 'data', 'decrypt');
  return ({ ciphertext, associatedData }) =>
    openData(key, ciphertext, associatedData, (opened, used) => {
      const plaintext = encodeBytes(opened);
      opened.fill(0);
      return done({ ...used, plaintext });
    });
};
