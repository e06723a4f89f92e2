/** Signatures on the token. RSA goes through another thread: it takes milliseconds, the others a tenth of one. */
import type { HsmKeyType, HsmSignItem } from '../../ports/hsm-key.ts';
import type { Handle } from './cryptoki.ts';
import { asFault } from './fault.ts';
import { kindOf } from './key-kind.ts';
import { type SignatureScheme, schemeOf, toBeSigned } from './signature.ts';
import type { TokenConnection } from './token-connection.ts';
import { requireMechanism } from './token-slot.ts';

/** RSA-4096. */
const signatureBytesMax = 512;

export interface SignatureJob extends SignatureScheme {
  readonly label: string;
  readonly value: Uint8Array;
}

/** Throws `request-invalid`, `message-too-large`. */
export function signatureJob({ label, data, algorithm, input }: HsmSignItem): SignatureJob {
  const scheme = schemeOf(algorithm);
  return { ...scheme, label, value: toBeSigned(scheme, data, input) };
}

export function signOnToken(connection: TokenConnection, job: SignatureJob): Uint8Array {
  requireMechanism(connection.slot, job.mechanism.mechanism);
  return connection.withKey(job.label, job.types, ({ handle }) => signWith(connection, handle, job));
}

export function signWith(
  { cryptoki, sessions }: TokenConnection,
  handle: Handle,
  { mechanism, value }: Pick<SignatureJob, 'mechanism' | 'value'>,
): Uint8Array {
  return sessions.use((session) => {
    cryptoki.C_SignInit(session, mechanism, handle);
    return cryptoki.C_Sign(session, value, Buffer.allocUnsafeSlow(signatureBytesMax));
  });
}

export async function signOnOtherThread(connection: TokenConnection, job: SignatureJob): Promise<Uint8Array> {
  const { cryptoki, sessions, slot } = connection;
  requireMechanism(slot, job.mechanism.mechanism);
  return connection.withKeyAsync(job.label, job.types, ({ handle }) =>
    sessions.useAsync(async (session) => {
      cryptoki.C_SignInit(session, job.mechanism, handle);
      return cryptoki.C_SignAsync(session, job.value, Buffer.alloc(signatureBytesMax));
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
  try {
    return sessions.use((session) => {
      cryptoki.C_VerifyInit(session, mechanism, handle);
      return cryptoki.C_Verify(session, value, signature);
    });
  } catch (error) {
    connection.forgetDead(label, error);
    const fault = asFault(error);
    if (wrongSignature.has(fault?.returnCode.name ?? '')) return false;
    if (fault?.action !== 'unknown') throw error;
    // Octets that are no signature at all may fail in any way; so does a token that is gone.
    connection.probe();
    return false;
  }
}

function signatureBytes(type: HsmKeyType): number {
  const kind = kindOf(type);
  if ('bits' in kind) return kind.bits / 8;
  return kind.family === 'ec' && 'pointBytes' in kind ? kind.pointBytes - 1 : 64;
}
