import { type ItemVerb, requireUse } from './item-verb.ts';
import { done } from './key-task.ts';
import { openData, sealData } from './seal-data.ts';

/** What is opened is sealed again at once: the plaintext is in the worker for the moment in between and leaves it never. */
export const rewrapData: ItemVerb<'crypto.rewrap'> = (key) => {
  requireUse(key, 'data', 'decrypt');
  return ({ ciphertext, associatedData }) =>
    openData(key, ciphertext, associatedData, (opened, { version: formerVersion }) =>
      sealData(key, opened, associatedData, (made, used) =>
        done({ ...used, ciphertext: made, formerVersion }),
      ),
    );
};
