import { encodeBytes } from '@strongroom/canonical';
import type { ItemVerb } from './item-verb.ts';
import { done, task } from './key-task.ts';
import { sealData } from './seal-data.ts';

/** The octets are of the HSM's generator. Whoever asked for them wrapped only gets them later, by another privilege. */
export const makeDataKey: ItemVerb<'crypto.data-key'> =
  (key) =>
  ({ length, reveal, associatedData }) =>
    task({ kind: 'random', bytes: length }, (octets) => {
      const plaintext = reveal ? encodeBytes(octets) : undefined;
      return sealData(key, octets, associatedData, (ciphertext, used) =>
        done({ ...used, ciphertext, ...(plaintext === undefined ? {} : { plaintext }) }),
      );
    });
