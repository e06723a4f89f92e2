/** Telling "these bytes are not of this key" from "the token is gone": SoftHSM says CKR_GENERAL_ERROR for both. */
import { StrongroomError } from '@strongroom/errors';
import { asFault } from './fault.ts';

/**
 * `ciphertext-invalid` where the device says so in words, or says nothing in particular and `prove` does not throw;
 * else the error as it is.
 */
export function asForged(error: unknown, prove: () => void, detail?: string): unknown {
  const fault = asFault(error);
  const isTold = fault?.returnCode.code === 'ciphertext-invalid';
  if (!isTold && fault?.action !== 'unknown') return error;
  if (!isTold) prove();
  return new StrongroomError('ciphertext-invalid', {
    ...(detail === undefined ? {} : { detail }),
    cause: error,
  });
}
