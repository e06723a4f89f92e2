/** Proof `key`: a signature over the hash of one exact operation, by the key that the principal was enrolled with. */
import { CanonicalError, decodeBytes } from '@strongroom/canonical';
import type { Proof } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { Caller } from '../../domain/caller.ts';
import type { Registry } from '../../ports/registry.ts';
import { principalCaller, requireEnabled } from './principal-caller.ts';

/** Well-known keys, Ed25519 and P-256, that stand in where there is nothing to verify by. Nobody listens to their verdict. */
const nobody = Object.freeze([
  decodeBytes('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'),
  decodeBytes('A2sX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW'),
]);

export interface VerifyKeyParts {
  readonly registry: Pick<Registry, 'read'>;
  readonly verify: VerifySignature;
}

/** False for every key and signature that is not one. */
type VerifySignature = (publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array) => boolean;

export function makeVerifyKey({ registry, verify }: VerifyKeyParts) {
  return async (
    { principal, signature }: Extract<Proof, { kind: 'key' }>,
    signed: Uint8Array,
  ): Promise<Caller> => {
    const record = await registry.read('principal', principal);
    const credential = record?.value.credential;
    const publicKey = credential?.kind === 'key' ? decodeBytes(credential.publicKey) : undefined;
    const isSigned = verifyInAnyCase(verify, publicKey, signed, signatureBytes(signature));
    if (record === undefined || !isSigned) throw new StrongroomError('proof-invalid');
    requireEnabled(record.value);
    return principalCaller(record, 'key', Number.POSITIVE_INFINITY);
  };
}

/**
 * A refusal costs one verification of each algorithm, whoever is named and whatever key that one has: so its time tells
 * neither who is enrolled nor with what.
 */
function verifyInAnyCase(
  verify: VerifySignature,
  publicKey: Uint8Array | undefined,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey !== undefined && verify(publicKey, signed, signature)) return true;
  for (const key of nobody) if (key.length !== publicKey?.length) verify(key, signed, signature);
  return false;
}

function signatureBytes(text: string): Uint8Array {
  try {
    return decodeBytes(text);
  } catch (fault) {
    if (fault instanceof CanonicalError) throw new StrongroomError('proof-invalid', { detail: 'signature' });
    throw fault;
  }
}
