/** Proof `key`: Ed25519 over the hash of one exact operation, by the key that the principal was enrolled with. */
import { CanonicalError, decodeBytes } from '@strongroom/canonical';
import type { Proof } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { ed25519Verify } from '@strongroom/sealed';
import type { Caller } from '../../domain/caller.ts';
import type { Registry } from '../../ports/registry.ts';
import { principalCaller, requireEnabled } from './principal-caller.ts';

/** Stands in for the key of a principal that there is not, so that the time of a refusal does not tell who is enrolled. */
const nobody = decodeBytes('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo');

export function makeVerifyKey({ registry }: { readonly registry: Pick<Registry, 'read'> }) {
  return async (
    { principal, signature }: Extract<Proof, { kind: 'key' }>,
    signed: Uint8Array,
  ): Promise<Caller> => {
    const record = await registry.read('principal', principal);
    const credential = record?.value.credential;
    const publicKey = credential?.kind === 'key' ? decodeBytes(credential.publicKey) : nobody;
    const isSigned = ed25519Verify(publicKey, signed, signatureBytes(signature));
    if (record === undefined || credential?.kind !== 'key' || !isSigned)
      throw new StrongroomError('proof-invalid');
    requireEnabled(record.value);
    return principalCaller(record, 'key', Number.POSITIVE_INFINITY);
  };
}

function signatureBytes(text: string): Uint8Array {
  try {
    return decodeBytes(text);
  } catch (fault) {
    if (fault instanceof CanonicalError) throw new StrongroomError('proof-invalid', { detail: 'signature' });
    throw fault;
  }
}
