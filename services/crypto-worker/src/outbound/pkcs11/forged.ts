/**
 * Telling "these bytes are not of this key" from "the token is gone": SoftHSM says CKR_GENERAL_ERROR for both. NSS speaks of
 * the data where others speak of the ciphertext.
 */
import { StrongroomError } from '@strongroom/errors';
import { asFault } from './fault.ts';

const ofData = new Set(['CKR_DATA_INVALID', 'CKR_DATA_LEN_RANGE']);
/** A number that is larger than the modulus of an RSA key is an argument that NSS does not take. */
export const ofNumber: ReadonlySet<string> = new Set([...ofData, 'CKR_ARGUMENTS_BAD']);

/**
 * `ciphertext-invalid` where the device says so in words, or says nothing in particular and `prove` does not throw;
 * else the error as it is. `doubtful` names what else may be meant by the bytes.
 */
export function asForged(
  error: unknown,
  prove: () => void,
  detail?: string,
  doubtful: ReadonlySet<string> = ofData,
): unknown {
  const fault = asFault(error);
  const isTold = fault?.returnCode.code === 'ciphertext-invalid';
  const isDoubtful = fault?.action === 'unknown' || doubtful.has(fault?.returnCode.name ?? '');
  if (!isTold && !isDoubtful) return error;
  if (!isTold) prove();
  return new StrongroomError('ciphertext-invalid', {
    ...(detail === undefined ? {} : { detail }),
    cause: error,
  });
}
