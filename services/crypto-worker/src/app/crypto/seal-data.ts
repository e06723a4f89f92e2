/**
 * The two ways to protect data under a key, and back: what encrypt, decrypt, rewrap and data-key share. AES-GCM is done where
 * the key is; RSA-OAEP needs the public half only, so it is done in the worker, and undone in the HSM.
 */
import { decodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import { parseCiphertext } from '../../domain/ciphertext.ts';
import type { KeyVersionRecord } from '../../domain/record.ts';
import type { KeyAtHand } from './item-verb.ts';
import {
  ciphertextOf,
  type KeyInUse,
  keyInUse,
  requireOwn,
  tokenLabel,
  versionThatMade,
} from './key-in-use.ts';
import { type Step, task } from './key-task.ts';

type Associated = string | undefined;

/** Under the current version. */
export function sealData<Reply>(
  key: KeyAtHand,
  plaintext: Uint8Array,
  associatedData: Associated,
  next: (ciphertext: string, used: KeyInUse['used']) => Step<Reply>,
): Step<Reply> {
  const version = key.use({ purpose: 'data', use: 'encrypt', associatedData });
  const inUse = keyInUse(key, version);
  const { reference, context, used, counted } = inUse;
  if (isPair(version)) {
    requireNoContext(associatedData);
    const asked = { kind: 'encrypt-oaep', publicKey: decodeBytes(version.publicKey), plaintext } as const;
    return task(asked, (payload) => next(ciphertextOf(key, inUse, 'oaep', payload), used));
  }
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
  const version = versionThatMade(key, {
    purpose: 'data',
    use: 'decrypt',
    version: made.version,
    associatedData,
  });
  const inUse = keyInUse(key, version);
  const { reference, context, used } = inUse;
  if (made.form !== (isPair(version) ? 'oaep' : 'gcm')) throw new StrongroomError('ciphertext-invalid');
  if (made.form === 'oaep') {
    requireNoContext(associatedData);
    const asked = {
      kind: 'decrypt-oaep',
      label: tokenLabel(inUse),
      sealed: made.payload,
      hash: 'sha256',
    } as const;
    return task(asked, (plaintext) => next(plaintext, used));
  }
  const asked = {
    kind: 'decrypt',
    key: reference,
    sealed: made.payload,
    associatedData: context(associatedData),
  } as const;
  return task(asked, (plaintext) => next(plaintext, used));
}

type Pair = KeyVersionRecord & { readonly publicKey: string };

const isPair = (version: KeyVersionRecord): version is Pair => version.publicKey !== undefined;

function requireNoContext(associatedData: Associated): void {
  if (associatedData !== undefined)
    throw new StrongroomError('request-invalid', { detail: '/associatedData: RSA-OAEP binds none' });
}
