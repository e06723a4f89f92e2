import { encodeBytes } from '@strongroom/canonical';
import type { CryptoSignRequest, SignatureMechanism } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { derFromJose, joseFromDer } from '../../domain/ecdsa-encoding.ts';
import { bytesField } from '../bytes-field.ts';
import { type ItemVerb, requireUse } from './item-verb.ts';
import { atVersion, keyInUse, tokenLabel } from './key-in-use.ts';
import { done, task } from './key-task.ts';

/** Octets of each of the two numbers of a signature. */
const orderBytes: { readonly [Mechanism in SignatureMechanism]?: number } = {
  'ecdsa-sha256': 32,
  'ecdsa-sha384': 48,
};

export const signData: ItemVerb<'crypto.sign'> = (key) => {
  requireUse(key, 'signing', 'sign');
  return (asked) => {
    const { mechanism, encoding } = asked;
    const input = inputOf(asked);
    const inUse = keyInUse(key, key.use({ purpose: 'signing', use: 'sign', mechanism }));
    return task({ kind: 'sign', label: tokenLabel(inUse), ...input }, (made) =>
      done({ ...inUse.used, signature: encodeBytes(encoding === 'der' ? derFromJose(made) : made) }),
    );
  };
};

export const verifySignature: ItemVerb<'crypto.verify'> = (key) => {
  requireUse(key, 'signing', 'verify');
  return (asked) => {
    const { mechanism, encoding, version } = asked;
    const input = inputOf(asked);
    const inUse = keyInUse(
      key,
      key.use({ purpose: 'signing', use: 'verify', mechanism, ...atVersion(version) }),
    );
    const shown = bytesField(asked.signature, 'signature');
    const signature = encoding === 'der' ? joseFromDer(shown, orderBytes[mechanism] as number) : shown;
    // Another spelling of a signature is none: nobody may make a second text that verifies out of a first one.
    if (signature === undefined) return done({ ...inUse.used, valid: false });
    return task({ kind: 'verify', label: tokenLabel(inUse), signature, ...input }, ([verdict]) =>
      done({ ...inUse.used, valid: verdict === 1 }),
    );
  };
};

function inputOf({ mechanism, input, inputType, encoding }: CryptoSignRequest) {
  if ((encoding !== undefined) !== (orderBytes[mechanism] !== undefined))
    throw new StrongroomError('request-invalid', { detail: '/encoding: needed for ECDSA, and there only' });
  return { data: bytesField(input, 'input'), algorithm: mechanism, input: inputType };
}
