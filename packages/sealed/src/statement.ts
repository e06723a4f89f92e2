/** Statements of the deployment's HSM identity key: how they are signed, checked, and how the key is pinned. */
import { createHash } from 'node:crypto';
import { type CanonicalValue, decodeBytes, digest, encodeBytes } from '@strongroom/canonical';
import {
  digestDomain,
  type SignedStatement,
  type SinksReply,
  type SinksStatement,
  type Statement,
} from '@strongroom/contracts';
import { ed25519Verify } from './ed25519.ts';

/** SHA-256("strongroom/statement/1" 0x00 canonical(statement)): what the identity key signs. */
export function statementDigest(statement: Statement | SinksStatement): Uint8Array {
  return digest(digestDomain.statement, statement as unknown as CanonicalValue);
}

/** `sign` is Ed25519 by the identity key, which only the HSM can do. */
export function signStatement<Kind extends Statement | SinksStatement>(
  statement: Kind,
  sign: (digest: Uint8Array) => Uint8Array,
): { statement: Kind; signature: string } {
  return { statement, signature: encodeBytes(sign(statementDigest(statement))) };
}

/**
 * Whether the identity key made the statement. Says nothing about its type, its time or whom it is for: who relies on a
 * statement checks those too. Expects a value that fits the schema.
 */
export function verifyStatement(
  identityPublicKey: Uint8Array,
  signed: SignedStatement | SinksReply,
): boolean {
  return ed25519Verify(identityPublicKey, statementDigest(signed.statement), decodeBytes(signed.signature));
}

/** `SHA256:` and base64url of the SHA-256 of the 32 raw bytes. */
export function identityFingerprint(identityPublicKey: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(identityPublicKey).digest('base64url')}`;
}
