/** How a caller gets from a pinned fingerprint to a key that it may seal to. Everything here came through carriers. */
import { CanonicalError, decodeBytes } from '@strongroom/canonical';
import { checkers, type SealingKeyStatement, type SignedStatement } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { type SealingPublicKey, sealingKeyId } from './sealing-key.ts';
import { identityFingerprint, verifyStatement } from './statement.ts';

export interface SealingKeyPin {
  readonly identityFingerprint: string;
  readonly tenant: string;
  readonly pool: string;
}

export interface VerifiedSealingKey extends SealingPublicKey {
  readonly notAfterMs: number;
  /** The identity public key whose fingerprint is pinned; base64url. */
  readonly identity: string;
}

/**
 * The newest key in force. Throws `identity-mismatch` when the answer is not by the pinned identity, and
 * `sealing-key-unknown` when it is but holds no key for this pool that is in force. A clock that is wrong by more than the
 * validity of a key therefore fails closed.
 */
export function verifySealingKeys(answer: unknown, pin: SealingKeyPin, nowMs: number): VerifiedSealingKey {
  if (!checkers.sealingKeys.check(answer)) throw mismatch('the answer does not fit its schema');
  const identity = decoded(answer.identity);
  if (identityFingerprint(identity) !== pin.identityFingerprint) throw mismatch('another identity key');
  const inForce = answer.keys
    .map((signed) => verifiedStatement(identity, signed))
    .filter((statement) => isInForce(statement, pin, nowMs))
    .sort((left, right) => right.epoch - left.epoch);
  const [newest] = inForce;
  if (newest === undefined)
    throw new StrongroomError('sealing-key-unknown', { detail: 'no key is in force' });
  const { epoch, keyId, publicKey, notAfter } = newest;
  return {
    epoch,
    keyId,
    publicKey: decoded(publicKey),
    notAfterMs: Date.parse(notAfter),
    identity: answer.identity,
  };
}

/** One false statement discredits the answer: whoever slipped it in may also have left out a newer key. */
function verifiedStatement(identity: Uint8Array, signed: SignedStatement): SealingKeyStatement {
  const { statement } = signed;
  decoded(signed.signature);
  if (!verifyStatement(identity, signed)) throw mismatch('a statement does not verify');
  if (statement.type !== 'strongroom.sealing-key/1') throw mismatch('a statement of another type');
  return statement;
}

function isInForce(statement: SealingKeyStatement, pin: SealingKeyPin, nowMs: number): boolean {
  return (
    statement.tenant === pin.tenant &&
    statement.pool === pin.pool &&
    statement.keyId === sealingKeyId(statement.epoch) &&
    Date.parse(statement.notBefore) <= nowMs &&
    nowMs < Date.parse(statement.notAfter)
  );
}

/** The schema checks alphabet and length; the spare bits of the last character are checked here. */
function decoded(text: string): Uint8Array {
  try {
    return decodeBytes(text);
  } catch (cause) {
    if (!(cause instanceof CanonicalError)) throw cause;
    throw mismatch('bytes that are not base64url');
  }
}

function mismatch(detail: string): StrongroomError {
  return new StrongroomError('identity-mismatch', { detail });
}
