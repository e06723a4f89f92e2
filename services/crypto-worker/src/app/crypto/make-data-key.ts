import { encodeBytes } from '@strongroom/canonical';
import type { ItemReply, ItemVerb, KeyAtHand } from './item-verb.ts';
import type { KeyInUse } from './key-in-use.ts';
import { done, type Step, task } from './key-task.ts';
import { sealData } from './seal-data.ts';
import { wrapMaterial } from './wrap-key.ts';

type Reply = ItemReply<'crypto.data-key'>;

/** The octets are of the HSM's generator. Whoever asked for them wrapped only gets them later, by another privilege. */
export const makeDataKey: ItemVerb<'crypto.data-key'> =
  (key) =>
  ({ length, reveal, associatedData }) =>
    task({ kind: 'random', bytes: length }, (octets) => {
      const plaintext = reveal ? encodeBytes(octets) : undefined;
      return protect(key, octets, associatedData, (ciphertext, used) =>
        done({ ...used, ciphertext, ...(plaintext === undefined ? {} : { plaintext }) }),
      );
    });

function protect(
  key: KeyAtHand,
  octets: Uint8Array,
  associatedData: string | undefined,
  next: (ciphertext: string, used: KeyInUse['used']) => Step<Reply>,
): Step<Reply> {
  return key.record.purpose === 'wrapping'
    ? wrapMaterial(key, 'aes-kwp', octets, associatedData, next)
    : sealData(key, octets, associatedData, next);
}
