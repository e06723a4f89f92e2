/** Signatures on the token. RSA goes through another thread: it takes milliseconds, the others a tenth of one. */
import type { HsmTaskOf } from '../../ports/hsm-key.ts';
import { asFault } from './fault.ts';
import type { TokenKey } from './key-handles.ts';
import { type SignatureScheme, schemeOf, signatureBytes, toBeSigned } from './signature.ts';
import type { TokenConnection } from './token-connection.ts';
import { requireMechanism } from './token-slot.ts';

export interface SignatureJob extends SignatureScheme {
  readonly label: string;
  readonly value: Uint8Array;
}

/** Throws `request-invalid`, `message-too-large`. */
export function signatureJob({
  label,
  data,
  algorithm,
  input,
}: Pick<HsmTaskOf<'sign'>, 'label' | 'data' | 'algorithm' | 'input'>): SignatureJob {
  const scheme = schemeOf(algorithm);
  return { ...scheme, label, value: toBeSigned(scheme, data, input) };
}

export function signOnToken(connection: TokenConnection, job: SignatureJob): Uint8Array {
  requireMechanism(connection.slot, job.mechanism.mechanism);
  return connection.withKey(job.label, job.types, (key) => signWith(connection, key, job));
}

export function signWith(
  { cryptoki, sessions }: TokenConnection,
  { handle, type }: Pick<TokenKey, 'handle' | 'type'>,
  { mechanism, value }: Pick<SignatureJob, 'mechanism' | 'value'>,
): Uint8Array {
  return sessions.use((session) => {
    cryptoki.C_SignInit(session, mechanism, handle);
    return cryptoki.C_Sign(session, value, Buffer.allocUnsafeSlow(signatureBytes(type)));
  });
}

export async function signOnOtherThread(connection: TokenConnection, job: SignatureJob): Promise<Uint8Array> {
  const { cryptoki, sessions, slot } = connection;
  requireMechanism(slot, job.mechanism.mechanism);
  return connection.withKeyAsync(job.label, job.types, ({ handle, type }) =>
    sessions.useAsync(async (session) => {
      cryptoki.C_SignInit(session, job.mechanism, handle);
      return cryptoki.C_SignAsync(session, job.value, Buffer.alloc(signatureBytes(type)));
    }),
  );
}

const wrongSignature = new Set(['CKR_SIGNATURE_INVALID', 'CKR_SIGNATURE_LEN_RANGE']);

/** A signature of another length is not asked about: modules call it a mistake of the caller, each by another code. */
export function verifyOnToken(
  connection: TokenConnection,
  { label, types, mechanism, value }: SignatureJob,
  signature: Uint8Array,
): boolean {
  const { cryptoki, sessions, slot } = connection;
  requireMechanism(slot, mechanism.mechanism);
  const handle = connection.publicHandle(label, types);
  if (signature.length !== signatureBytes(connection.key(label, types).type)) return false;
  const ask = () =>
    sessions.use((session) => {
      cryptoki.C_VerifyInit(session, mechanism, handle);
      return cryptoki.C_Verify(session, value, signature);
    });
  try {
    return answered(ask) ?? askedAgain(connection, ask);
  } catch (error) {
    connection.forgetDead(label, error);
    throw error;
  }
}

/**
 * Octets that are no signature at all may fail in any way: SoftHSM says CKR_GENERAL_ERROR, NSS CKR_DEVICE_ERROR of any wrong
 * one by RSA. So does a token that is gone, or hiccups. One that still works and says it again means the signature.
 */
function askedAgain(connection: TokenConnection, ask: () => boolean): boolean {
  connection.probe();
  return answered(ask) ?? false;
}

/** `undefined` for an answer that may mean the signature or the token. */
function answered(ask: () => boolean): boolean | undefined {
  try {
    return ask();
  } catch (error) {
    const fault = asFault(error);
    const name = fault?.returnCode.name ?? '';
    if (wrongSignature.has(name)) return false;
    if (fault?.action === 'unknown' || name === 'CKR_DEVICE_ERROR') return undefined;
    throw error;
  }
}
