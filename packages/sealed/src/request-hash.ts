/** What a proof of kind `key` signs: one exact operation, and whether the signature may also open a session. */
import { CanonicalError, type CanonicalValue, digest, digestBytes } from '@strongroom/canonical';
import { digestDomain, type OperationMessage, type RoutingHeader } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';

/**
 * SHA-256("strongroom/operation/1" 0x00 canonical({ routing, operation, params })). The same for REST, sealed, CLI and
 * plugins. Throws `request-invalid` for parameters without a canonical form.
 */
export function requestHash(
  routing: RoutingHeader,
  operation: string,
  params: OperationMessage['params'],
): Uint8Array {
  try {
    return digest(digestDomain.operation, { routing, operation, params } as unknown as CanonicalValue);
  } catch (cause) {
    if (!(cause instanceof CanonicalError)) throw cause;
    throw new StrongroomError('request-invalid', { detail: `parameters: ${cause.reason}` });
  }
}

/**
 * The same for the canonical bytes of a message without proof and session, which are those of `{ routing, operation, params }`
 * and nothing more: made once by whoever sealed them, they need not be made again.
 */
export function requestHashOf(message: Uint8Array): Uint8Array {
  return digestBytes(digestDomain.operation, message);
}

const purposeOctet = { once: Uint8Array.of(0), opensSession: Uint8Array.of(1) } as const;

/**
 * SHA-256("strongroom/proof/1" 0x00 requestHash purpose), purpose being one octet: 0 for this request only, 1 if it also
 * opens a session. On the plain path the gateway sees the proof. Without the octet it could seal the same request once
 * more, ask for a session of its own, and act as the caller for ten minutes (I2, I3).
 */
export function proofDigest(hash: Uint8Array, opensSession: boolean): Uint8Array {
  return digestBytes(digestDomain.proof, hash, opensSession ? purposeOctet.opensSession : purposeOctet.once);
}

/** The digest that the proof inside this message must sign. */
export function proofDigestOf(message: Omit<OperationMessage, 'proof'>): Uint8Array {
  const { routing, operation, params, openSession } = message;
  return proofDigest(requestHash(routing, operation, params), openSession === true);
}
