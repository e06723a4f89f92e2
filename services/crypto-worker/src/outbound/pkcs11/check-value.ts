/**
 * Check values of secret keys (PKCS#11 v2.40, CKA_CHECK_VALUE). A token may leave the attribute out, as SoftHSM does for keys that
 * were unwrapped and NSS for all. Then an AES key encrypts the block that the value is defined by; of HMAC keys there is no other way to it.
 */
import { StrongroomError } from '@strongroom/errors';
import type { HsmKeyReference } from '../../ports/hsm-key.ts';
import { cka, ckm } from './constants.ts';
import type { Handle } from './cryptoki.ts';
import { asFault } from './fault.ts';
import { readValues } from './key-attributes.ts';
import { aesTypes, hmacTypes } from './key-kind.ts';
import { useAesKey } from './token-cipher.ts';
import type { TokenConnection } from './token-connection.ts';

const checkValueBytes = 3;
const blockBytes = 16;

export function readCheckValue(connection: TokenConnection, key: HsmKeyReference): Uint8Array {
  if (key.kind === 'data') return useAesKey(connection, key, ({ handle }) => ofAes(connection, handle));
  return connection.withKey(key.label, [...aesTypes, ...hmacTypes], ({ type, handle }) =>
    aesTypes.includes(type) ? ofAes(connection, handle) : ofHmac(connection, handle),
  );
}

function ofAes(connection: TokenConnection, handle: Handle): Uint8Array {
  return kept(connection, handle) ?? encryptedZeros(connection, handle);
}

function ofHmac(connection: TokenConnection, handle: Handle): Uint8Array {
  const value = kept(connection, handle);
  if (value === undefined) throw new StrongroomError('mechanism-unsupported', { detail: 'CKA_CHECK_VALUE' });
  return value;
}

function kept(connection: TokenConnection, handle: Handle): Uint8Array | undefined {
  try {
    const [value] = readValues(connection, handle, [cka.checkValue]);
    return value?.length === checkValueBytes ? Uint8Array.from(value) : undefined;
  } catch (error) {
    if (asFault(error)?.returnCode.name !== 'CKR_ATTRIBUTE_TYPE_INVALID') throw error;
    return undefined;
  }
}

/** The whole block is the key by which AES-GCM authenticates, so all but the check value is wiped at once. */
function encryptedZeros({ sessions, cryptoki }: TokenConnection, handle: Handle): Uint8Array {
  return sessions.use((session) => {
    cryptoki.C_EncryptInit(session, { mechanism: ckm.aesEcb, parameter: null }, handle);
    const block = cryptoki.C_Encrypt(session, Buffer.alloc(blockBytes), Buffer.alloc(blockBytes));
    const value = Uint8Array.from(block.subarray(0, checkValueBytes));
    block.fill(0);
    return value;
  });
}
