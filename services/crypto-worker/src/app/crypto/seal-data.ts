/** What encrypt, decrypt, rewrap and data-key share: AES-GCM where the key is, and back. */
import { StrongroomError } from '@strongroom/errors';
import { parseCiphertext } from '../../domain/ciphertext.ts';
import type { KeyAtHand } from './item-verb.ts';
import { ciphertextOf, type KeyInUse, keyInUse, requireOwn, versionThatMade } from './key-in-use.ts';
import { type Step, task } from './key-task.ts';

type Associated = string | undefined;

/** Under the current version. */
export function sealData<Reply>(
  key: KeyAtHand,
  plaintext: Uint8Array,
  associatedData: Associated,
  next: (ciphertext: string, used: KeyInUse['used']) => Step<Reply>,
): Step<Reply> {
  const inUse = keyInUse(key, key.use({ purpose: 'data', use: 'encrypt', associatedData }));
  const { reference, context, used, counted } = inUse;
  const asked = {
    kind: 'encrypt',
    key: reference,
    counted,
    plaintext,
    associatedData: context(associatedData),
  } as const;
  return task(asked, (payload) => next(ciphertextOf(key, inUse, 'gcm', payload), used));
}

/** Under whatever version the text says that made it. The plaintext is the next step's, which zeroes it. */
export function openData<Reply>(
  key: KeyAtHand,
  ciphertext: string,
  associatedData: Associated,
  next: (plaintext: Uint8Array, used: KeyInUse['used']) => Step<Reply>,
): Step<Reply> {
  const made = requireOwn(key, parseCiphertext(ciphertext));
  const asked = { purpose: 'data', use: 'decrypt', version: made.version, associatedData } as const;
  const { reference, context, used } = keyInUse(key, versionThatMade(key, asked));
  if (made.form !== 'gcm') throw new StrongroomError('ciphertext-invalid');
  const opening = {
    kind: 'decrypt',
    key: reference,
    sealed: made.payload,
    associatedData: context(associatedData),
  } as const;
  return task(opening, (plaintext) => next(plaintext, used));
}
