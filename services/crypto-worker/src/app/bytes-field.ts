import { CanonicalError, decodeBytes } from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';

/** The schema knows alphabet and length; whether the last character has spare bits is checked here. */
export function bytesField(text: string, field: string): Uint8Array {
  try {
    return decodeBytes(text);
  } catch (fault) {
    if (fault instanceof CanonicalError)
      throw new StrongroomError('request-invalid', { detail: `/${field}` });
    throw fault;
  }
}
