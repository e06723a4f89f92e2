/**
 * Stored outcomes, encrypted at rest: a reply may hold what its caller alone should read. Each (actor, request id) has a
 * key of its own, and the tag covers whose answer to what it is and until when, so an edited, swapped or kept-alive row
 * does not open. A row that was deleted can not be noticed here; the log refuses the repeated mutation, because there
 * (actor, request id, phase) is unique for ever.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { digest } from '@strongroom/canonical';
import { digestDomain } from '@strongroom/contracts';
import { RegistrySeal } from '../../domain/registry/registry-seal.ts';
import type { StoredOutcome } from '../../ports/registry.ts';

const nonceBytes = 12;
const tagBytes = 16;

export interface SealedOutcome extends Omit<StoredOutcome, 'reply'> {
  readonly expiresAt: string;
  /** Nonce, ciphertext, tag. */
  readonly sealedReply: Uint8Array;
}

export class OutcomeBox {
  readonly #seal: RegistrySeal;

  constructor(tenant: string, key: Uint8Array) {
    this.#seal = new RegistrySeal(tenant, key);
  }

  /** The nonce is random although a key serves one request: a repeated commit may seal another reply under it. */
  close({ reply, ...outcome }: StoredOutcome, expiresAt: string): SealedOutcome {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#keyOf(outcome), nonce);
    cipher.setAAD(associatedData({ ...outcome, expiresAt }));
    const sealedReply = Buffer.concat([nonce, cipher.update(reply), cipher.final(), cipher.getAuthTag()]);
    return { ...outcome, expiresAt, sealedReply };
  }

  /** `undefined` where it is not what was closed. */
  open(sealed: SealedOutcome): StoredOutcome | undefined {
    const { actor, requestId, requestHash, sealedReply } = sealed;
    if (sealedReply.length < nonceBytes + tagBytes) return undefined;
    const nonce = sealedReply.subarray(0, nonceBytes);
    const decipher = createDecipheriv('aes-256-gcm', this.#keyOf(sealed), nonce, { authTagLength: tagBytes });
    decipher.setAAD(associatedData(sealed));
    decipher.setAuthTag(sealedReply.subarray(-tagBytes));
    try {
      const reply = Buffer.concat([
        decipher.update(sealedReply.subarray(nonceBytes, -tagBytes)),
        decipher.final(),
      ]);
      return { actor, requestId, requestHash, reply };
    } catch {
      // `final` has one way to fail: the tag does not match.
      return undefined;
    }
  }

  #keyOf({ actor, requestId }: Pick<StoredOutcome, 'actor' | 'requestId'>): Uint8Array {
    return this.#seal.mac(digestDomain.outcomeKey, { actor, requestId });
  }
}

function associatedData(outcome: Omit<SealedOutcome, 'sealedReply'>): Uint8Array {
  const { actor, requestId, requestHash, expiresAt } = outcome;
  return digest(digestDomain.outcome, { actor, requestId, requestHash, expiresAt });
}
