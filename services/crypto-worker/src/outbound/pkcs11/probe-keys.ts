/**
 * Whether the token still works with keys: one that does is enough. One that does not proves nothing against the token:
 * another process may have destroyed it, or a crash left it half made, and a bad key must not take all others away.
 */
import { asFault } from './fault.ts';
import type { TokenKey } from './key-handles.ts';
import { aesTypes, hmacTypes } from './key-kind.ts';
import type { TokenConnection } from './token-connection.ts';

const keysMax = 4;
const sample = new Uint8Array(1);

/** Throws what the token said where no key works and it did not simply refuse them. */
export function probeKeys(connection: TokenConnection): void {
  const { keys } = connection;
  let failure: unknown;
  for (const key of [...keys.candidates(aesTypes, keysMax), ...keys.candidates(hmacTypes, keysMax)]) {
    const error = errorOf(connection, key);
    if (error === undefined) {
      keys.noteServed(key.label);
      return;
    }
    const fault = asFault(error);
    if (fault?.action === 'reopen') throw error;
    if (fault?.returnCode.evictsHandle === true) connection.findKey(key.label);
    else if (fault?.action !== 'refuse') failure = error;
  }
  if (failure !== undefined) throw failure;
}

function errorOf(connection: TokenConnection, key: TokenKey): unknown {
  try {
    if (aesTypes.includes(key.type)) connection.proveKeyWorks(key);
    else connection.mac(key, sample);
    return undefined;
  } catch (error) {
    return error;
  }
}
