/** Keys that come in and go out wrapped. Whatever the wrapped bytes say, the template is the worker's (`template.ts`). */
import { createPublicKey, hash as digest, verify } from 'node:crypto';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import type { HsmKeySpec, HsmSignatureAlgorithm, HsmWrappedKey } from '../../ports/hsm-key.ts';
import { cka } from './constants.ts';
import type { Handle } from './cryptoki.ts';
import { asFault } from './fault.ts';
import { asForged, ofNumber } from './forged.ts';
import { readValues } from './key-attributes.ts';
import { aesTypes, isSecret, keyTypes, kindOf, rsaTypes } from './key-kind.ts';
import { keptAs, publicKeyOf } from './key-maker.ts';
import { createObjects, type RequireKept } from './label-claim.ts';
import { oaepMechanism } from './oaep.ts';
import { publicKeyValues } from './public-key.ts';
import { schemeOf, toBeSigned } from './signature.ts';
import { signWith } from './signing.ts';
import { importedKeyTemplate, importedPublicTemplate, transportKeyTemplate } from './template.ts';
import type { TokenAccess, TokenConnection } from './token-connection.ts';

/** The PKCS#8 of an RSA-4096 key has 2,400 octets. */
const wrappedBytesMax = 8_192;

export async function importKey(
  access: TokenAccess,
  label: string,
  spec: HsmKeySpec,
  wrapped: HsmWrappedKey,
): Promise<Uint8Array | undefined> {
  const publicValues = publicValuesOf(spec, wrapped.publicKey);
  // Before the token changes, because from then on a search that finds nothing proves nothing.
  access.connection().key(wrapped.wrappedBy, wrapped.scheme === 'aes-kwp' ? aesTypes : rsaTypes);
  const unwrap = async (connection: TokenConnection, session: Handle, id: Uint8Array): Promise<void> => {
    const template = importedKeyTemplate(label, id, spec);
    const handle = await unwrapOrUnseen(connection, session, label, wrapped, template);
    if (publicValues === undefined) return;
    try {
      connection.cryptoki.C_CreateObject(session, importedPublicTemplate(label, id, spec, publicValues));
    } catch (error) {
      // Half a pair is no key. Should this fail as well, it is found by its label.
      connection.cryptoki.C_DestroyObject(session, handle);
      throw error;
    }
  };
  const made = await createObjects(access, label, spec.type, unwrap, keptPair(spec, wrapped.publicKey));
  return publicKeyOf(made, label, spec);
}

/**
 * A device that took the key in and said "general error" of it does not mean the bytes: what is there under the label now is
 * that key, since it was free before.
 */
async function unwrapOrUnseen(
  connection: TokenConnection,
  session: Handle,
  label: string,
  wrapped: HsmWrappedKey,
  template: Template,
): Promise<Handle> {
  try {
    return await unwrapInto(connection, session, wrapped, template);
  } catch (error) {
    const isJudged = isStrongroomError(error) && error.code === 'ciphertext-invalid';
    throw isJudged && connection.seesObjects(label) ? error.cause : error;
  }
}

type Template = ReturnType<typeof importedKeyTemplate>;

async function unwrapInto(
  connection: TokenConnection,
  session: Handle,
  { scheme, wrappedBy, wrapped, oaepHash = 'sha256' }: HsmWrappedKey,
  template: Template,
): Promise<Handle> {
  const { cryptoki, slot } = connection;
  const kwp = { mechanism: slot.keyWrapMechanism };
  if (scheme === 'aes-kwp') {
    return connection.withKeyAsync(wrappedBy, aesTypes, async (key) => {
      try {
        return cryptoki.C_UnwrapKey(session, kwp, key.handle, wrapped, template);
      } catch (error) {
        throw asForged(error, () => connection.proveKeyWorks(key), wrappedKey, ofContent);
      }
    });
  }
  return connection.withKeyAsync(wrappedBy, rsaTypes, async ({ handle, type }) => {
    const kind = kindOf(type);
    const transportBytes = 'bits' in kind ? kind.bits / 8 : 0;
    let transport: Handle | undefined;
    try {
      transport = await cryptoki.C_UnwrapKeyAsync(
        session,
        oaepMechanism(oaepHash),
        handle,
        wrapped.subarray(0, transportBytes),
        transportKeyTemplate(),
      );
      return cryptoki.C_UnwrapKey(session, kwp, transport, wrapped.subarray(transportBytes), template);
    } catch (error) {
      throw asForged(error, () => connection.probe(), wrappedKey, ofContent);
    } finally {
      if (transport !== undefined) cryptoki.C_DestroyObject(session, transport);
    }
  });
}

const wrappedKey = 'wrapped key';

/**
 * What a token may say of content that is no key of the type. It has shown that it takes keys of the type in, so it does not
 * mean the template, which is always the same.
 */
const ofContent: ReadonlySet<string> = new Set([
  ...ofNumber,
  'CKR_KEY_SIZE_RANGE',
  'CKR_TEMPLATE_INCOMPLETE',
  'CKR_TEMPLATE_INCONSISTENT',
]);

/**
 * What can be told without the token. The length of what is wrapped is known for secret keys; a token may take in a
 * longer or shorter one.
 */
export function requireImport(spec: HsmKeySpec, { scheme, wrapped, publicKey }: HsmWrappedKey): void {
  publicValuesOf(spec, publicKey);
  const kind = kindOf(spec.type);
  const isTooLong = wrapped.length > wrappedBytesMax;
  const isOfAnother = scheme === 'aes-kwp' && isSecret(kind) && wrapped.length !== kind.bytes + 8;
  if (isTooLong || isOfAnother) throw new StrongroomError('ciphertext-invalid', { detail: wrappedKey });
}

function publicValuesOf(spec: HsmKeySpec, publicKey: Uint8Array | undefined) {
  const kind = kindOf(spec.type);
  if (isSecret(kind) !== (publicKey === undefined)) {
    throw new StrongroomError('request-invalid', { detail: 'public key' });
  }
  return publicKey === undefined ? undefined : publicKeyValues(kind, publicKey);
}

/** An imported private key must be the one of the public key that came with it, which nobody could check later. */
function keptPair(spec: HsmKeySpec, publicKey: Uint8Array | undefined): RequireKept {
  const requireKept = keptAs(spec, 'imported');
  return async (connection, key, objects) => {
    await requireKept(connection, key, objects);
    if (aesTypes.includes(spec.type)) requireWorking(connection, key.handle);
    if (publicKey !== undefined && !isPair(connection, key.handle, spec, publicKey)) {
      throw new StrongroomError('request-invalid', { detail: 'public key of another private key' });
    }
  };
}

/** SoftHSM takes an AES key of any length in, and finds out when it is to be used. */
function requireWorking(connection: TokenConnection, handle: Handle): void {
  try {
    connection.proveKeyWorks({ handle, invocations: { count: 0 } });
  } catch (error) {
    if (asFault(error)?.action === 'reopen') throw error;
    connection.probe();
    throw new StrongroomError('ciphertext-invalid', { detail: wrappedKey, cause: error });
  }
}

const sample = digest('sha384', 'strongroom/import', 'buffer');

function isPair(
  connection: TokenConnection,
  handle: Handle,
  { type }: HsmKeySpec,
  spki: Uint8Array,
): boolean {
  const kind = kindOf(type);
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  if ('bits' in kind) {
    const [modulus] = readValues(connection, handle, [cka.modulus]);
    return Buffer.from(modulus ?? []).toString('base64url') === key.export({ format: 'jwk' }).n;
  }
  const [algorithm, hash] = proofOf(type);
  const scheme = schemeOf(algorithm);
  const value = toBeSigned(scheme, sample, 'message');
  const signature = signWith(connection, { handle, type }, { ...scheme, value });
  return verify(hash, sample, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

function proofOf(type: HsmKeySpec['type']): [HsmSignatureAlgorithm, string | null] {
  if (type === 'ec-p256') return ['ecdsa-sha256', 'sha256'];
  return type === 'ec-p384' ? ['ecdsa-sha384', 'sha384'] : ['ed25519', null];
}

/**
 * An exportable key under another. Throws `key-purpose-refused` for one that must stay, whatever the token thinks of it:
 * NSS wraps keys that it says are not extractable.
 */
export function exportKey(connection: TokenConnection, label: string, wrappingLabel: string): Uint8Array {
  const { cryptoki, sessions, slot } = connection;
  return connection.withKey(wrappingLabel, aesTypes, (wrapping) =>
    connection.withKey(label, keyTypes, ({ handle }) => {
      const [extractable] = readValues(connection, handle, [cka.extractable]);
      if (extractable?.[0] !== 1) throw new StrongroomError('key-purpose-refused');
      return sessions.use((session) =>
        Uint8Array.from(
          cryptoki.C_WrapKey(
            session,
            { mechanism: slot.keyWrapMechanism },
            wrapping.handle,
            handle,
            Buffer.alloc(wrappedBytesMax),
          ),
        ),
      );
    }),
  );
}
