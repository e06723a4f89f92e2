/** AES-GCM and HMAC on the token, each as one synchronous piece of work. */
import { StrongroomError } from '@strongroom/errors';
import type { HsmKeyReference, HsmTaskOf } from '../../ports/hsm-key.ts';
import { asFault } from './fault.ts';
import { type GcmKey, gcmDecrypt, gcmEncrypt, requirePlaintext, requireSealed } from './gcm.ts';
import { aesTypes, hmacTypes } from './key-kind.ts';
import type { TokenConnection } from './token-connection.ts';

export function encryptItem(
  connection: TokenConnection,
  { key, plaintext, associatedData }: Omit<HsmTaskOf<'encrypt'>, 'kind'>,
): Uint8Array {
  requirePlaintext(plaintext);
  return useAesKey(connection, key, (aes) =>
    connection.sessions.use((session) =>
      gcmEncrypt(connection.cryptoki, session, connection.nonces, aes, plaintext, associatedData),
    ),
  );
}

export function decryptItem(
  connection: TokenConnection,
  { key, sealed, associatedData }: Omit<HsmTaskOf<'decrypt'>, 'kind'>,
): Uint8Array {
  requireSealed(sealed);
  return useAesKey(connection, key, (aes) =>
    connection.sessions.use((session) =>
      gcmDecrypt(connection.cryptoki, session, aes, sealed, associatedData, connection.proveKeyWorks),
    ),
  );
}

export function macItem(
  connection: TokenConnection,
  { label, data }: Omit<HsmTaskOf<'mac'>, 'kind'>,
): Uint8Array {
  if (data.length === 0) throw new StrongroomError('request-invalid', { detail: 'data is empty' });
  return connection.withKey(label, hmacTypes, (key) => connection.mac(key, data));
}

export function useAesKey<T>(
  connection: TokenConnection,
  reference: HsmKeyReference,
  work: (key: GcmKey) => T,
): T {
  if (reference.kind === 'token') return connection.withKey(reference.label, aesTypes, work);
  const { wrapped, wrappedBy } = reference;
  const key = connection.withKey(wrappedBy, aesTypes, (wrappingKey) =>
    connection.dataKeys.get(wrapped, wrappedBy, wrappingKey, connection.proveKeyWorks),
  );
  try {
    return work(key);
  } catch (error) {
    if (asFault(error)?.returnCode.evictsHandle === true) connection.dataKeys.evict(wrapped);
    throw error;
  }
}
