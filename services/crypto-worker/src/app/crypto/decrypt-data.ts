import { encodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { parseCiphertext } from '../../domain/ciphertext.ts';
import { dataContext } from '../../domain/data-context.ts';
import { keyRefusal } from '../../domain/key.ts';
import { dataKeyVersion } from './data-key.ts';
import type { ItemVerb, KeyAtHand } from './item-verb.ts';
import { done } from './key-task.ts';

export const decryptData: ItemVerb<'crypto.decrypt'> = (key) => {
  const { record } = key;
  const openerOf = openers(key);
  // The state of the key first: a suspended key answers so, whatever it is shown.
  const code = keyRefusal(record, 'data', 'decrypt');
  if (code !== undefined) throw new StrongroomError(code);
  return ({ ciphertext, associatedData }) => {
    const made = parseCiphertext(ciphertext);
    if (made?.form !== 'gcm') throw new StrongroomError('ciphertext-invalid');
    if (made.keyId !== record.id) throw new StrongroomError('ciphertext-foreign');
    const { version, reference, context } = openerOf(made.version);
    key.use({ use: 'decrypt', version, associatedData });
    return {
      status: 'task',
      task: {
        kind: 'decrypt',
        key: reference,
        sealed: made.payload,
        associatedData: context(associatedData),
      },
      next: (opened) => {
        const plaintext = encodeBytes(opened);
        opened.fill(0);
        return done({ version, plaintext });
      },
    };
  };
};

/** What opens a version; found once for all items of it. */
function openers({ tenant, record }: KeyAtHand) {
  const known = new Map<number, ReturnType<typeof open>>();
  const open = (number: number) => {
    const { version, reference } = dataKeyVersion(record, 'decrypt', number);
    return { version, reference, context: dataContext({ tenant, keyId: record.id, version }) };
  };
  return (number: number) => {
    const found = known.get(number) ?? open(number);
    known.set(number, found);
    return found;
  };
}
