/**
 * AES-KW and AES-KWP of key material that a caller has in the clear. SoftHSM offers the two for keys only, not as
 * ciphers, so the bytes become a session object for the length of the call.
 */
import { StrongroomError } from '@strongroom/errors';
import type { HsmKeyWrap } from '../../ports/hsm-key.ts';
import { cka, ckm, mechanismName } from './constants.ts';
import type { Attribute, Handle, Mechanism } from './cryptoki.ts';
import { asFault } from './fault.ts';
import { asForged } from './forged.ts';
import type { TokenKey } from './key-handles.ts';
import { aesTypes } from './key-kind.ts';
import { bytesToWrapTemplate, unwrappedBytesTemplate } from './template.ts';
import type { TokenConnection } from './token-connection.ts';
import { requireMechanism } from './token-slot.ts';

export const wrappableBytesMax = 4_096;
const block = 8;
/** Capabilities were tried with secret keys, of which HMAC-SHA512 has the longest. */
const provenBytesMax = 64;

export function wrapBytes(
  connection: TokenConnection,
  label: string,
  algorithm: HsmKeyWrap,
  bytes: Uint8Array,
): Uint8Array {
  requireWrappable(algorithm, bytes);
  const mechanism = mechanismOf(connection, algorithm);
  return connection.withKey(label, aesTypes, (key) =>
    connection.sessions.use((session) => {
      const wrapped = withObject(connection, session, bytesToWrapTemplate(bytes), (object) =>
        connection.cryptoki.C_WrapKey(
          session,
          mechanism,
          key.handle,
          object,
          Buffer.alloc(bytes.length + 24),
        ),
      );
      if (bytes.length % block !== 0 || bytes.length > provenBytesMax)
        requireLength(connection, session, mechanism, key, wrapped, bytes.length);
      return Uint8Array.from(wrapped);
    }),
  );
}

export function unwrapBytes(
  connection: TokenConnection,
  label: string,
  algorithm: HsmKeyWrap,
  wrapped: Uint8Array,
): Uint8Array {
  requireWrapped(algorithm, wrapped);
  const mechanism = mechanismOf(connection, algorithm);
  return connection.withKey(label, aesTypes, (key) =>
    connection.sessions.use((session) => unwrap(connection, session, mechanism, key, wrapped)),
  );
}

function requireWrappable(algorithm: HsmKeyWrap, { length }: Uint8Array): void {
  const isWhole = algorithm === 'aes-kwp' ? length > 0 : length >= 2 * block && length % block === 0;
  if (!isWhole) throw new StrongroomError('request-invalid', { detail: 'length of what is wrapped' });
  if (length > wrappableBytesMax)
    throw new StrongroomError('message-too-large', { detail: 'what is wrapped' });
}

function requireWrapped(algorithm: HsmKeyWrap, { length }: Uint8Array): void {
  const lengthMin = algorithm === 'aes-kwp' ? 2 * block : 3 * block;
  if (length < lengthMin || length % block !== 0 || length > wrappableBytesMax + 2 * block) {
    throw new StrongroomError('ciphertext-invalid');
  }
}

function mechanismOf({ slot }: TokenConnection, algorithm: HsmKeyWrap): Mechanism {
  const mechanism = algorithm === 'aes-kwp' ? slot.keyWrapMechanism : ckm.aesKeyWrap;
  requireMechanism(slot, mechanism);
  return { mechanism };
}

/**
 * SoftHSM fills a key up to a multiple of eight octets before it wraps it, and so loses its length: what RFC 5649 is for.
 * NSS wraps what it does not take back. What does not come back as it was is not given out.
 */
function requireLength(
  connection: TokenConnection,
  session: Handle,
  mechanism: Mechanism,
  key: TokenKey,
  wrapped: Uint8Array,
  length: number,
): void {
  if (unwrap(connection, session, mechanism, key, wrapped).length === length) return;
  throw unsupported(mechanism, 'of a length that is no multiple of 8');
}

function unsupported({ mechanism }: Mechanism, what: string, cause?: unknown): StrongroomError {
  return new StrongroomError('mechanism-unsupported', {
    detail: `${mechanismName(mechanism)} ${what}`,
    cause,
  });
}

function unwrap(
  connection: TokenConnection,
  session: Handle,
  mechanism: Mechanism,
  key: TokenKey,
  wrapped: Uint8Array,
): Uint8Array {
  const { cryptoki } = connection;
  let object: Handle;
  try {
    object = cryptoki.C_UnwrapKey(session, mechanism, key.handle, wrapped, unwrappedBytesTemplate());
  } catch (error) {
    if (asFault(error)?.returnCode.code === 'mechanism-unsupported') {
      throw unsupported(mechanism, 'of that length', error);
    }
    throw asForged(error, () => connection.proveKeyWorks(key));
  }
  const [told] = cryptoki.C_GetAttributeValue(session, object, [{ type: cka.value }]);
  cryptoki.C_DestroyObject(session, object);
  return Uint8Array.from(told?.value ?? []);
}

function withObject<T>(
  { cryptoki }: TokenConnection,
  session: Handle,
  template: readonly Attribute[],
  work: (object: Handle) => T,
): T {
  const object = cryptoki.C_CreateObject(session, template);
  // Should anything here fail, the pool closes the session, and that destroys the object.
  const result = work(object);
  cryptoki.C_DestroyObject(session, object);
  return result;
}
