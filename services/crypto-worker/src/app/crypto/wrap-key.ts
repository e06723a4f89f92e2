import { encodeBytes } from '@strongroom/canonical';
import type { WrapMechanism } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { type CiphertextForm, parseCiphertext } from '../../domain/ciphertext.ts';
import { bytesField } from '../bytes-field.ts';
import { type ItemVerb, type KeyAtHand, requireUse } from './item-verb.ts';
import {
  ciphertextOf,
  type KeyInUse,
  keyInUse,
  requireOwn,
  tokenLabel,
  versionThatMade,
} from './key-in-use.ts';
import { done, type Step, task } from './key-task.ts';

const formOf = { 'aes-kw': 'kw', 'aes-kwp': 'kwp' } as const;
const mechanismOf: { readonly [Form in CiphertextForm]?: WrapMechanism } = { kw: 'aes-kw', kwp: 'aes-kwp' };

export const wrapKey: ItemVerb<'crypto.wrap'> = (key) => {
  requireUse(key, 'wrapping', 'wrap');
  return ({ mechanism, keyMaterial }) =>
    wrapMaterial(key, mechanism, bytesField(keyMaterial, 'keyMaterial'), undefined, (wrapped, used) =>
      done({ ...used, wrapped }),
    );
};

/** AES key wrap takes no associated data. */
export function wrapMaterial<Reply>(
  key: KeyAtHand,
  mechanism: WrapMechanism,
  plaintext: Uint8Array,
  associatedData: string | undefined,
  next: (wrapped: string, used: KeyInUse['used']) => Step<Reply>,
): Step<Reply> {
  if (associatedData !== undefined)
    throw new StrongroomError('request-invalid', { detail: '/associatedData: AES key wrap binds none' });
  const inUse = keyInUse(key, key.use({ purpose: 'wrapping', use: 'wrap', mechanism }));
  const asked = { kind: 'wrap', label: tokenLabel(inUse), algorithm: mechanism, plaintext } as const;
  return task(asked, (payload) => next(ciphertextOf(key, inUse, formOf[mechanism], payload), inUse.used));
}

export const unwrapKey: ItemVerb<'crypto.unwrap'> = (key) => {
  // The state of the key first: a suspended key answers so, whatever it is shown.
  requireUse(key, 'wrapping', 'unwrap');
  return ({ wrapped }) => {
    const made = requireOwn(key, parseCiphertext(wrapped));
    const mechanism = mechanismOf[made.form];
    if (mechanism === undefined) throw new StrongroomError('ciphertext-invalid');
    const inUse = keyInUse(
      key,
      versionThatMade(key, { purpose: 'wrapping', use: 'unwrap', mechanism, version: made.version }),
    );
    const asked = {
      kind: 'unwrap',
      label: tokenLabel(inUse),
      algorithm: mechanism,
      wrapped: made.payload,
    } as const;
    return task(asked, (opened) => {
      const keyMaterial = encodeBytes(opened);
      opened.fill(0);
      return done({ ...inUse.used, keyMaterial });
    });
  };
};
