/**
 * Operations that wait for a quorum lie with the approvals service, which may neither read nor change them. The worker
 * encrypts the whole operation for itself, bound to the hash that approvers sign, and MACs the intent, so that nobody else
 * can bring an intent into the world.
 */
import { createCipheriv, createDecipheriv, createHmac, type KeyObject, randomBytes } from 'node:crypto';
import {
  CanonicalError,
  type CanonicalValue,
  canonicalBytes,
  decodeBytes,
  digestBytes,
  encodeBytes,
  equalBytes,
  parseCanonical,
} from '@strongroom/canonical';
import {
  type Certificate,
  checkers,
  digestDomain,
  type OperationIntent,
  type Proof,
  type RoutingHeader,
} from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { type Caller, callerFromFacts, factsOf } from '../../domain/caller.ts';
import { operationHash } from '../../domain/quorum.ts';
import type { Params } from '../../domain/subject.ts';

/** HSM-derived, the same for all workers. */
export interface ApprovalKeys {
  readonly intentMac: KeyObject;
  readonly operation: KeyObject;
}

export interface WaitingOperation {
  readonly routing: RoutingHeader;
  readonly operation: string;
  readonly params: Params;
  readonly requestHash: Uint8Array;
  readonly caller: Caller;
}

export interface OpenedCertificate extends WaitingOperation {
  readonly intent: OperationIntent;
  readonly opHash: string;
}

/** Only what `close` wrote is ever read as this: the tag vouches for its shape. */
interface StoredOperation {
  readonly routing: RoutingHeader;
  readonly operation: string;
  readonly params: Params;
  readonly requestHash: string;
  readonly principal: string;
  readonly proof: Proof['kind'];
  readonly facts: Readonly<Record<string, string>>;
}

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const authTag = { authTagLength: tagBytes };

export class ApprovedOperations {
  readonly #keys: ApprovalKeys;

  constructor(keys: ApprovalKeys) {
    this.#keys = keys;
  }

  /** What the approvals service keeps, as it travels. */
  close(intent: OperationIntent, waiting: WaitingOperation): Omit<Certificate, 'votes'> {
    const { caller, requestHash, ...operation } = waiting;
    const stored: StoredOperation = {
      ...operation,
      requestHash: encodeBytes(requestHash),
      principal: caller.principal,
      proof: caller.proof,
      facts: factsOf(caller),
    };
    const bytes = canonicalBytes(intent as unknown as CanonicalValue);
    const plaintext = canonicalBytes(stored as unknown as CanonicalValue);
    const sealed = this.#encrypt(plaintext, operationHash(intent));
    plaintext.fill(0);
    return {
      intent: encodeBytes(bytes),
      intentMac: encodeBytes(this.#mac(bytes)),
      operation: encodeBytes(sealed),
    };
  }

  /** Throws `approval-invalid` for everything that no worker of this deployment closed. Says nothing about the votes. */
  open(certificate: Certificate): OpenedCertificate {
    const bytes = decoded(certificate.intent);
    if (!equalBytes(this.#mac(bytes), decoded(certificate.intentMac))) throw invalid('intent');
    const intent: unknown = parsed(bytes);
    if (!checkers.operationIntent.check(intent)) throw invalid('intent');
    const opHash = operationHash(intent);
    const plaintext = this.#decrypt(decoded(certificate.operation), opHash);
    const { principal, proof, facts, requestHash, ...operation } = parsed(
      plaintext,
    ) as unknown as StoredOperation;
    plaintext.fill(0);
    const caller = callerFromFacts(principal, proof, facts);
    if (caller === undefined || intent.requester !== principal) throw invalid('requester');
    return { ...operation, requestHash: decoded(requestHash), caller, intent, opHash };
  }

  #mac(intent: Uint8Array): Uint8Array {
    return createHmac('sha256', this.#keys.intentMac)
      .update(digestBytes(digestDomain.intentMac, intent))
      .digest();
  }

  #encrypt(plaintext: Uint8Array, opHash: string): Uint8Array {
    const nonce = randomBytes(nonceBytes);
    const sealing = createCipheriv(cipher, this.#keys.operation, nonce, authTag).setAAD(Buffer.from(opHash));
    return Buffer.concat([nonce, sealing.update(plaintext), sealing.final(), sealing.getAuthTag()]);
  }

  #decrypt(sealed: Uint8Array, opHash: string): Uint8Array {
    if (sealed.length < nonceBytes + tagBytes) throw invalid('operation');
    const nonce = sealed.subarray(0, nonceBytes);
    const opening = createDecipheriv(cipher, this.#keys.operation, nonce, authTag);
    opening.setAAD(Buffer.from(opHash)).setAuthTag(sealed.subarray(-tagBytes));
    const plaintext = opening.update(sealed.subarray(nonceBytes, -tagBytes));
    try {
      opening.final();
    } catch {
      plaintext.fill(0);
      throw invalid('operation');
    }
    return plaintext;
  }
}

function decoded(text: string): Uint8Array {
  return orInvalid(() => decodeBytes(text));
}

function parsed(bytes: Uint8Array): CanonicalValue {
  return orInvalid(() => parseCanonical(bytes));
}

function orInvalid<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (fault) {
    if (fault instanceof CanonicalError) throw invalid('encoding');
    throw fault;
  }
}

const invalid = (detail: string): StrongroomError => new StrongroomError('approval-invalid', { detail });
