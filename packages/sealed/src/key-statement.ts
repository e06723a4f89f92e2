/**
 * Statements of the identity key that people act on: where a key is held, which key to wrap to. Who relies on one pins the
 * fingerprint of the identity, as for sealing keys; everything else, the identity key itself too, may come from anybody.
 */
import { CanonicalError, decodeBytes } from '@strongroom/canonical';
import {
  checkers,
  type ImportKeyStatement,
  type KeyAttestationStatement,
  type SignedStatement,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { identityFingerprint, verifyStatement } from './statement.ts';

/** A statement together with the key that is said to have signed it. */
export interface ShownStatement {
  /** Base64url of the 32 raw bytes. */
  readonly identity: string;
  readonly signed: SignedStatement;
}

/** Throws `identity-mismatch` for whatever the pinned identity did not sign as an attestation. */
export function verifyAttestation(fingerprint: string, shown: ShownStatement): KeyAttestationStatement {
  const statement = verified(fingerprint, shown);
  if (statement.type !== 'strongroom.key-attestation/1') throw mismatch('a statement of another type');
  return statement;
}

/** Throws `identity-mismatch` likewise. */
export function verifyImportKey(fingerprint: string, shown: ShownStatement): ImportKeyStatement {
  const statement = verified(fingerprint, shown);
  if (statement.type !== 'strongroom.import-key/1') throw mismatch('a statement of another type');
  return statement;
}

function verified(fingerprint: string, { identity, signed }: ShownStatement): SignedStatement['statement'] {
  if (!checkers.signedStatement.check(signed)) throw mismatch('no signed statement');
  const key = identityBytes(identity);
  if (identityFingerprint(key) !== fingerprint) throw mismatch('another identity');
  if (!verifyStatement(key, signed)) throw mismatch('the statement does not verify');
  return signed.statement;
}

function identityBytes(text: unknown): Uint8Array {
  try {
    if (typeof text === 'string') return decodeBytes(text);
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
  }
  throw mismatch('no identity key');
}

const mismatch = (detail: string): StrongroomError => new StrongroomError('identity-mismatch', { detail });
