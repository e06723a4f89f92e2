/** The single trials of `capabilities.ts`: each throws what the token says, or a fault of ours where its answer is wrong. */
import { constants, createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto';
import type { HsmOaepHash } from '../../ports/hsm-key.ts';
import { cka } from './constants.ts';
import type { Handle } from './cryptoki.ts';
import { Pkcs11Fault } from './fault.ts';
import { encryptProof } from './gcm.ts';
import type { KeyKind } from './key-kind.ts';
import { oaepMechanism } from './oaep.ts';
import { readPublicKey } from './public-key.ts';
import { returnCodeOf } from './return-code.ts';
import {
  bytesToWrapTemplate,
  transportKeyTemplate,
  trialKeyTemplate,
  unwrappedBytesTemplate,
} from './template.ts';
import type { TokenConnection } from './token-connection.ts';

export interface TrialKey {
  readonly kind: KeyKind;
  readonly handle: Handle;
  readonly publicHandle: Handle | undefined;
}

/** What is wrapped has 4,096 octets at most. */
const wrappedBytesMax = 8_192;
const functionFailed = 0x6;

export function trySealing({ cryptoki, sessions, nonces }: TokenConnection, { handle }: TrialKey): void {
  sessions.use((session) => encryptProof(cryptoki, session, nonces, { handle, invocations: { count: 0 } }));
}

export function tryMac({ cryptoki, sessions }: TokenConnection, { handle, kind }: TrialKey): void {
  const mechanism = 'mechanism' in kind ? kind.mechanism : 0;
  sessions.use((session) => {
    cryptoki.C_SignInit(session, { mechanism }, handle);
    cryptoki.C_Sign(session, new Uint8Array(1), Buffer.alloc(64));
  });
}

/** There and back: what is wrapped must come out as long as it was. */
export function tryWrap(
  connection: TokenConnection,
  { handle }: TrialKey,
  mechanism: number,
  length: number,
): void {
  const { cryptoki } = connection;
  const told = connection.sessions.use((session) => {
    const wrapped = wrapValue(connection, session, handle, mechanism, randomBytes(length));
    const object = cryptoki.C_UnwrapKey(session, { mechanism }, handle, wrapped, unwrappedBytesTemplate());
    const [attribute] = cryptoki.C_GetAttributeValue(session, object, [{ type: cka.value }]);
    cryptoki.C_DestroyObject(session, object);
    return attribute?.value.length;
  });
  if (told !== length) throw new Pkcs11Fault(returnCodeOf(functionFailed));
}

export function tryDecryption(
  connection: TokenConnection,
  { handle, kind, publicHandle }: TrialKey,
  hash: HsmOaepHash,
  way: 'decrypt' | 'unwrap',
): void {
  if (publicHandle === undefined) throw new Pkcs11Fault(returnCodeOf(functionFailed));
  const { cryptoki } = connection;
  const spki = Buffer.from(readPublicKey(connection, kind.type, publicHandle));
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const ciphertext = publicEncrypt({ key, padding, oaepHash: hash }, randomBytes(32));
  connection.sessions.use((session) => {
    const mechanism = oaepMechanism(hash);
    if (way === 'decrypt') {
      cryptoki.C_DecryptInit(session, mechanism, handle);
      cryptoki.C_Decrypt(session, ciphertext, Buffer.alloc(ciphertext.length));
      return;
    }
    const object = cryptoki.C_UnwrapKey(session, mechanism, handle, ciphertext, transportKeyTemplate());
    cryptoki.C_DestroyObject(session, object);
  });
}

export function tryExport(connection: TokenConnection, key: TrialKey, wrapping: TrialKey): void {
  connection.sessions.use((session) => {
    wrapObject(connection, session, wrapping.handle, connection.slot.keyWrapMechanism, key.handle);
  });
}

/**
 * A secret key of random octets, or a private key that was made elsewhere; but for RSA, which takes long to make, the one
 * that the token let out.
 */
export function tryImport(connection: TokenConnection, { kind, handle }: TrialKey, wrapping: TrialKey): void {
  const { cryptoki, slot } = connection;
  const mechanism = slot.keyWrapMechanism;
  connection.sessions.use((session) => {
    const wrapped =
      kind.family === 'rsa'
        ? wrapObject(connection, session, wrapping.handle, mechanism, handle)
        : wrapValue(connection, session, wrapping.handle, mechanism, octetsOf(kind));
    const template = trialKeyTemplate(kind);
    const object = cryptoki.C_UnwrapKey(session, { mechanism }, wrapping.handle, wrapped, template);
    cryptoki.C_DestroyObject(session, object);
  });
}

function octetsOf(kind: KeyKind): Uint8Array {
  if ('bytes' in kind) return randomBytes(kind.bytes);
  const { privateKey } =
    kind.family === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: kind.type === 'ec-p256' ? 'P-256' : 'P-384' });
  return privateKey.export({ format: 'der', type: 'pkcs8' });
}

function wrapValue(
  connection: TokenConnection,
  session: Handle,
  wrapping: Handle,
  mechanism: number,
  value: Uint8Array,
): Uint8Array {
  const object = connection.cryptoki.C_CreateObject(session, bytesToWrapTemplate(value));
  const wrapped = wrapObject(connection, session, wrapping, mechanism, object);
  connection.cryptoki.C_DestroyObject(session, object);
  return wrapped;
}

export function wrapObject(
  { cryptoki }: TokenConnection,
  session: Handle,
  wrapping: Handle,
  mechanism: number,
  object: Handle,
): Uint8Array {
  return Uint8Array.from(
    cryptoki.C_WrapKey(session, { mechanism }, wrapping, object, Buffer.alloc(wrappedBytesMax)),
  );
}
